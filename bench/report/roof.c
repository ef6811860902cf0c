/* SPDX-License-Identifier: MIT */
/* roof.c - rates of a ceiling's rounds, and the clock at which they were reached. */
#include "roof.h"

#include <stdio.h>
#include <stdlib.h>

#include "theory.h"

struct roof roof_of(const struct run *run, const struct process *process, size_t index)
{
    const struct series *series = &process->series[index];
    const bool every = series_kept(series) == 0;
    double *rates = malloc((2 * series->count + 1) * sizeof *rates), *clocks = rates;
    struct roof roof = {.formula = ""};
    size_t count = 0;

    if (!rates)
        exit(1);
    clocks += series->count;
    for (size_t i = 0; i < series->count; i++) {
        const struct round *round = &series->rounds[i];

        if (!every && round->marks != 0)
            continue;
        rates[count] = series->work / round->seconds;
        clocks[count++] = (round->clock_before + round->clock_after) / 2;
    }
    roof.rate = summarise(rates, count, run->settings.seed);
    const double clock = median_of(clocks, count);
    const struct machine machine = run_machine(run, &process->plan.setting);
    char ports[80];

    free(rates);
    roof.theory = clock * theory_per_cycle(&machine, &process->plan.items[index],
                                           &process->plan.setting, ports, sizeof ports);
    if (roof.theory > 0)
        snprintf(roof.formula, sizeof roof.formula, "%s x %.2f GHz measured", ports, 1e-9 * clock);
    roof.above = roof.theory > 0 && roof.rate.median > 1.02 * roof.theory;
    return roof;
}
