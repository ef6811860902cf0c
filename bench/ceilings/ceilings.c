/* SPDX-License-Identifier: MIT */
/* ceilings.c - finds the loops of an instruction set and spreads them over threads. */
#include "ceilings.h"

#include <string.h>

#include "../buffers.h"
#include "half.h"

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
    keep = c->unit->loads[c->type](ROUNDS * c->repeats);
}

static void share_of_matrix(void *pointer, size_t i)
{
    const struct ceiling *c = pointer;

    (void)i;
    keep = c->unit->matrix(ROUNDS * c->repeats);
}

static void share_of_read(void *pointer, size_t i)
{
    const struct ceiling *c = pointer;

    for (size_t n = 0; n < c->repeats; n++)
        keep = c->unit->read[c->type]((const char *)c->from + i * c->count * dtype_size(c->type),
                                      c->count);
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
        keep = c->unit->copy(c->to + i * c->count, (const float *)c->from + i * c->count, c->count);
}

struct ceiling ceiling_fma(const struct ceiling_unit *unit, heed_parallel parallel)
{
    return (struct ceiling){.share = share_of_fma,
                            .work = unit->flop * ROUNDS * (double)ceiling_threads(parallel),
                            .parallel = parallel,
                            .repeats = 1,
                            .unit = unit};
}

struct ceiling ceiling_fma_loads(const struct ceiling_unit *unit, heed_parallel parallel,
                                 heed_dtype type)
{
    struct ceiling c = ceiling_fma(unit, parallel);

    c.share = share_of_fma_loads;
    c.type = type;
    return c;
}

struct ceiling ceiling_matrix(const struct ceiling_unit *unit, heed_parallel parallel)
{
    struct ceiling c = ceiling_fma(unit, parallel);

    c.share = share_of_matrix;
    c.work *= unit->matrix_flop / unit->flop;
    return c;
}

struct ceiling ceiling_exp(const struct ceiling_unit *unit, heed_parallel parallel)
{
    enum { COUNT = 1024 }; /* 4 KiB, a multiple of any unit's step */

    return (struct ceiling){.share = share_of_exp,
                            .work = (double)COUNT * (double)ceiling_threads(parallel),
                            .parallel = parallel,
                            .repeats = 1,
                            .unit = unit,
                            .from = normal_numbers(COUNT),
                            .count = COUNT};
}

struct ceiling ceiling_read(const struct ceiling_unit *unit, heed_parallel parallel,
                            heed_dtype type, const void *from, size_t count)
{
    const size_t threads = ceiling_threads(parallel);
    const size_t share = count / threads / unit->step * unit->step;

    return (struct ceiling){.share = share_of_read,
                            .work = (double)(share * threads * dtype_size(type)),
                            .parallel = parallel,
                            .repeats = 1,
                            .unit = unit,
                            .from = from,
                            .type = type,
                            .count = share};
}

struct ceiling ceiling_copy(const struct ceiling_unit *unit, heed_parallel parallel, float *to,
                            const float *from, size_t count)
{
    struct ceiling c = ceiling_read(unit, parallel, HEED_F32, from, count);

    c.share = share_of_copy;
    c.to = to;
    c.work *= 2;
    return c;
}
