/* SPDX-License-Identifier: MIT */
/* choose.c - by what Linux says of capacities and highest clocks. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "choose.h"

#include <sched.h>
#include <stdio.h>

static bool is_allowed(size_t cpu)
{
    cpu_set_t cores;

    return cpu < CPU_SETSIZE && sched_getaffinity(0, sizeof cores, &cores) == 0 &&
           CPU_ISSET(cpu, &cores);
}

bool cpus_allowed(size_t cpu, size_t threads)
{
    for (size_t i = cpu; i < cpu + threads; i++)
        if (!is_allowed(i))
            return false;
    return true;
}

/* Of big and little cores the capacity; else the highest clock; 0 where neither is known. */
static unsigned long speed_of(size_t cpu)
{
    static const char *const names[] = {"cpu_capacity", "cpufreq/cpuinfo_max_freq"};
    unsigned long speed = 0;

    for (size_t i = 0; speed == 0 && i < sizeof names / sizeof names[0]; i++) {
        char path[96];

        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/%s", cpu, names[i]);
        FILE *file = fopen(path, "r");

        if (file && fscanf(file, "%lu", &speed) != 1)
            speed = 0;
        if (file)
            fclose(file);
    }
    return speed;
}

bool choose_cpu(size_t threads, size_t *cpu)
{
    unsigned long best = 0;
    bool found = false;

    for (size_t i = 0; i + threads <= CPU_SETSIZE; i++) {
        if (!cpus_allowed(i, threads))
            continue;
        if (!found || speed_of(i) >= best) {
            best = speed_of(i);
            *cpu = i;
        }
        found = true;
    }
    return found;
}
