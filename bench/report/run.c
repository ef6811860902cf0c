/* SPDX-License-Identifier: MIT */
/* run.c - figures of a series. */
#include "run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct machine run_machine(const struct run *run, const struct setting *setting)
{
    const struct settings *settings = &run->settings;
    struct machine machine = run->machine;

    if (settings->core_kind_count > 0)
        memcpy(machine.midr, settings->core_kinds[setting->core_kind].midr, sizeof machine.midr);
    return machine;
}

size_t series_kept(const struct series *series)
{
    size_t kept = 0;

    for (size_t i = 0; i < series->count; i++)
        kept += series->rounds[i].marks == 0;
    return kept;
}

/* Fills values[count] by a function of the rounds that count; returns how many. */
static size_t collect(const struct series *series, double (*of)(const struct round *),
                      double *values)
{
    const bool all = series_kept(series) == 0;
    size_t count = 0;

    for (size_t i = 0; i < series->count; i++)
        if (all || series->rounds[i].marks == 0)
            values[count++] = of(&series->rounds[i]);
    return count;
}

static double seconds_of(const struct round *round)
{
    return round->seconds;
}

static double ratio_of(const struct round *round)
{
    return 1 / (round->seconds * round->ceiling);
}

static double *new_values(size_t count)
{
    double *values = malloc((count ? count : 1) * sizeof *values);

    if (!values)
        exit(1);
    return values;
}

struct summary series_seconds(const struct series *series, uint64_t seed)
{
    double *values = new_values(series->count);
    const size_t count = collect(series, seconds_of, values);
    const struct summary summary = summarise(values, count, seed);

    free(values);
    return summary;
}

double series_of_ceiling(const struct series *series, double work)
{
    double *values = new_values(series->count);
    const size_t count = collect(series, ratio_of, values);
    const double ratio = work * median_of(values, count);

    free(values);
    return ratio;
}

const struct item *run_find(const struct run *run, const char *id, const struct series **series)
{
    for (size_t p = 0; p < run->count; p++) {
        const struct process *process = &run->processes[p];

        for (size_t i = 0; i < process->plan.count; i++) {
            *series = &process->series[i];
            if (strcmp(process->plan.items[i].id, id) == 0 && (*series)->count > 0)
                return &process->plan.items[i];
        }
    }
    return NULL;
}
