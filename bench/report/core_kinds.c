/* SPDX-License-Identifier: MIT */
/* core_kinds.c - cores sorted into kinds, by what Linux says of each. */
#include "core_kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choose.h"
#include "machine.h"

static unsigned long number_of(const char *sysfs, size_t cpu, const char *name)
{
    char path[512], word[24];

    snprintf(path, sizeof path, "%s/cpu%zu/%s", sysfs, cpu, name);
    machine_word(path, false, word, sizeof word);
    return strtoul(word, NULL, 10);
}

static struct core_kind look_at(const char *sysfs, size_t cpu)
{
    struct core_kind c = {.cpu = cpu, .in_a_row = 1, .cpus = 1};
    char path[512];

    snprintf(path, sizeof path, "%s/cpu%zu/regs/identification/midr_el1", sysfs, cpu);
    machine_word(path, false, c.midr, sizeof c.midr);
    c.capacity = number_of(sysfs, cpu, "cpu_capacity");
    c.max_khz = number_of(sysfs, cpu, "cpufreq/cpuinfo_max_freq");
    return c;
}

static bool is_one_kind(const struct core_kind *a, const struct core_kind *b)
{
    const double high = a->max_khz > b->max_khz ? (double)a->max_khz : (double)b->max_khz;
    const double low = (double)a->max_khz + (double)b->max_khz - high;

    if (strcmp(a->midr, b->midr) != 0 || a->capacity != b->capacity)
        return false;
    return *a->midr || a->capacity || low == 0 || high <= 1.15 * low;
}

size_t core_kinds_find(const char *sysfs, struct core_kind kinds[MOST_CORE_KINDS])
{
    size_t count = 0;

    for (size_t cpu = 0; cpu < MOST_CPUS; cpu++) {
        if (!cpus_allowed(cpu, 1))
            continue;
        const struct core_kind one = look_at(sysfs, cpu);
        size_t i = 0;

        while (i < count && !is_one_kind(&kinds[i], &one))
            i++;
        if (i == count && count < MOST_CORE_KINDS)
            kinds[count++] = one;
        else if (i < count) {
            kinds[i].in_a_row += kinds[i].cpu + kinds[i].in_a_row == cpu;
            kinds[i].cpus++;
        }
    }
    return count;
}
