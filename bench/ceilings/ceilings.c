/* SPDX-License-Identifier: MIT */
/* ceilings.c - finds the loops of an instruction set, spreads them over threads, times them. */
#include "ceilings.h"

#include <stdlib.h>
#include <string.h>

#include "../buffers.h"
#include "../stopwatch.h"

#define CEILING_UNIT(isa) extern const struct ceiling_unit ceiling_unit_##isa;
#include "ceiling_units.h"
#undef CEILING_UNIT

#define CEILING_UNIT(isa) &ceiling_unit_##isa,
static const struct ceiling_unit *const units[] = {
#include "ceiling_units.h"
};
#undef CEILING_UNIT

const struct ceiling_unit *ceiling_unit_find(const char *isa)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(units[i]->isa, isa) == 0)
            return units[i];
    return NULL;
}

/* 1024 rounds take a microsecond or more: what starts a run costs nothing beside it. */
enum { ROUNDS = 1024 };

static volatile float keep; /* results go here, so that they have to be computed */

static void share_of_fma(void *pointer, size_t i)
{
    const struct ceiling *c = pointer;

    (void)i;
    keep = c->unit->fma(ROUNDS * c->repeats);
}

static void share_of_fma_loads(void *pointer, size_t i)
{
    const struct ceiling *c = pointer;

    (void)i;
    keep = c->unit->fma_loads(ROUNDS * c->repeats);
}

static void share_of_read(void *pointer, size_t i)
{
    const struct ceiling *c = pointer;

    for (size_t n = 0; n < c->repeats; n++)
        keep = c->unit->read(c->from + i * c->count, c->count);
}

static void share_of_exp(void *pointer, size_t i)
{
    const struct ceiling *c = pointer;

    (void)i;
    for (size_t n = 0; n < c->repeats; n++)
        keep = c->unit->exp(c->from, c->count);
}

static void share_of_copy(void *pointer, size_t i)
{
    const struct ceiling *c = pointer;

    for (size_t n = 0; n < c->repeats; n++)
        keep = c->unit->copy(c->to + i * c->count, c->from + i * c->count, c->count);
}

static size_t threads_of(heed_parallel parallel)
{
    return parallel.parallel_for && parallel.workers > 1 ? parallel.workers : 1;
}

struct ceiling ceiling_fma(const struct ceiling_unit *unit, heed_parallel parallel)
{
    return (struct ceiling){.share = share_of_fma,
                            .work = unit->flop * ROUNDS * (double)threads_of(parallel),
                            .parallel = parallel,
                            .repeats = 1,
                            .unit = unit};
}

struct ceiling ceiling_fma_loads(const struct ceiling_unit *unit, heed_parallel parallel)
{
    struct ceiling c = ceiling_fma(unit, parallel);

    c.share = share_of_fma_loads;
    return c;
}

struct ceiling ceiling_exp(const struct ceiling_unit *unit, heed_parallel parallel)
{
    enum { COUNT = 1024 }; /* 4 KiB, a multiple of any unit's step */

    return (struct ceiling){.share = share_of_exp,
                            .work = (double)COUNT * (double)threads_of(parallel),
                            .parallel = parallel,
                            .repeats = 1,
                            .unit = unit,
                            .from = normal_numbers(COUNT),
                            .count = COUNT};
}

struct ceiling ceiling_read(const struct ceiling_unit *unit, heed_parallel parallel,
                            const float *from, size_t count)
{
    const size_t threads = threads_of(parallel);
    const size_t share = count / threads / unit->step * unit->step;

    return (struct ceiling){.share = share_of_read,
                            .work = (double)(share * threads * sizeof *from),
                            .parallel = parallel,
                            .repeats = 1,
                            .unit = unit,
                            .from = from,
                            .count = share};
}

struct ceiling ceiling_copy(const struct ceiling_unit *unit, heed_parallel parallel, float *to,
                            const float *from, size_t count)
{
    struct ceiling c = ceiling_read(unit, parallel, from, count);

    c.share = share_of_copy;
    c.to = to;
    c.work *= 2;
    return c;
}

void ceiling_run(void *pointer)
{
    struct ceiling *c = pointer;
    const size_t threads = threads_of(c->parallel);

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
