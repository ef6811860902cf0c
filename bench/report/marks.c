/* SPDX-License-Identifier: MIT */
/* marks.c - counters of the kernel for this thread and its core. */
#define _GNU_SOURCE /* RUSAGE_THREAD, pread */
#include "marks.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

const char *const mark_names[MARKS] = {"clock", "switch", "steal", "fault"};

static int usage = RUSAGE_THREAD, statistics = -1;
static char row[24] = "cpu ";

void events_start(size_t threads, size_t cpu)
{
    statistics = open("/proc/stat", O_RDONLY | O_CLOEXEC);
    usage = threads > 1 ? RUSAGE_SELF : RUSAGE_THREAD;
    if (threads == 1)
        snprintf(row, sizeof row, "cpu%zu ", cpu);
}

/* The eighth number of the row of this core in /proc/stat, see proc(5). */
static unsigned long long stolen_ticks(void)
{
    static char text[1 << 14]; /* rows of cores stand first */
    const ssize_t size = statistics < 0 ? -1 : pread(statistics, text, sizeof text - 1, 0);
    unsigned long long ticks = 0;

    text[size < 0 ? 0 : size] = '\0';
    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, row, strlen(row)) == 0 &&
            sscanf(line + strlen(row), "%*u %*u %*u %*u %*u %*u %*u %llu", &ticks) == 1)
            break;
    }
    return ticks;
}

struct events events_now(void)
{
    struct rusage used;

    getrusage(usage, &used);
    return (struct events){.switches = used.ru_nivcsw,
                           .faults = used.ru_minflt + used.ru_majflt,
                           .stolen = stolen_ticks()};
}

unsigned marks_between(struct events before, struct events after, double clock_before,
                       double clock_after)
{
    unsigned marks = 0;

    if (!(fabs(clock_after - clock_before) <= 0.02 * clock_before))
        marks |= MARK_CLOCK;
    if (after.switches != before.switches)
        marks |= MARK_SWITCH;
    if (after.stolen != before.stolen)
        marks |= MARK_STEAL;
    if (after.faults != before.faults)
        marks |= MARK_FAULT;
    return marks;
}
