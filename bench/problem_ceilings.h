/* SPDX-License-Identifier: MIT */
/* problem_ceilings.h - what a workload is held against: the ceilings of its type and its unit. */
#ifndef HEED_BENCH_PROBLEM_CEILINGS_H
#define HEED_BENCH_PROBLEM_CEILINGS_H

#include "ceilings/ceilings.h"
#include "problem.h"

/* Products by the matrix unit where that multiplies (no share: its loop lacks), else FMAs. */
static inline struct ceiling problem_peak(const struct problem *p, const heed_isa *isa,
                                          heed_parallel parallel)
{
    const struct ceiling_unit *unit = ceiling_unit_find(heed_isa_name(isa));

    if (!problem_on_unit(p, isa))
        return ceiling_fma(unit, parallel);
    return unit->matrix ? ceiling_matrix(unit, parallel) : (struct ceiling){.unit = unit};
}

/* A read of the same keys and values, widened as it goes; a matrix unit takes them as they are. */
static inline struct ceiling problem_read(const struct problem *p, const heed_isa *isa,
                                          heed_parallel parallel)
{
    const struct ceiling_unit *unit = ceiling_unit_find(heed_isa_name(isa));

    if (problem_on_unit(p, isa))
        return ceiling_read(unit, parallel, HEED_F32, p->stored, p->kv_count / 2);
    return ceiling_read(unit, parallel, p->type, p->stored, p->kv_count);
}

#endif
