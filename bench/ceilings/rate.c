/* SPDX-License-Identifier: MIT */
/* rate.c - runs the loops, and times them. */
#include <stdlib.h>

#include "../stopwatch.h"
#include "ceilings.h"

size_t ceiling_threads(heed_parallel parallel)
{
    return parallel.parallel_for && parallel.workers > 1 ? parallel.workers : 1;
}

void ceiling_run(void *pointer)
{
    struct ceiling *c = pointer;
    const size_t threads = ceiling_threads(c->parallel);

    if (threads == 1)
        c->share(c, 0);
    else
        c->parallel.parallel_for(c->parallel.context, threads, c->share, c);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* How often the loop has to be repeated to last so long, asked of this thread alone. */
static size_t enough_repeats(struct ceiling c, double seconds)
{
    for (c.repeats = 1;; c.repeats *= 2) {
        const double start = stopwatch_seconds();

        c.share(&c, 0);
        if (stopwatch_seconds() - start >= seconds)
            return c.repeats;
    }
}

void ceiling_lengthen(struct ceiling *ceiling, double seconds)
{
    const size_t repeats = enough_repeats(*ceiling, seconds);

    ceiling->work *= (double)repeats / (double)ceiling->repeats;
    ceiling->repeats = repeats;
}

/*
 * Runs of 5 ms: short bursts go a few per cent faster than a CPU can keep up.
 * Finding out how long that is also wakes wide vector units and warms the cache;
 * the median of five sets aside what was interrupted.
 */
double ceiling_rate(struct ceiling c)
{
    enum { RUNS = 5 };
    double seconds[RUNS];

    c.repeats = enough_repeats(c, 5e-3);
    for (int i = 0; i < RUNS; i++) {
        const double start = stopwatch_seconds();

        ceiling_run(&c);
        seconds[i] = stopwatch_seconds() - start;
    }
    qsort(seconds, RUNS, sizeof seconds[0], compare);
    return c.work * (double)c.repeats / seconds[RUNS / 2];
}
