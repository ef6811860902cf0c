/* SPDX-License-Identifier: MIT */
/* problem.h - a workload of attention with its numbers in memory, and the check of its result. */
#ifndef HEED_BENCH_PROBLEM_H
#define HEED_BENCH_PROBLEM_H

#include <stdbool.h>

#include <heed/heed.h>

#include "workloads.h"

struct problem {
    heed_attention_args args; /* packed tensors, a workspace: the call does not allocate */
    size_t q_count, o_count;  /* numbers in q and in o */
    float *q;                 /* the queries, as numbers */
    heed_dtype type, q_type;  /* of K and V, and of queries */
    const float *k_then_v;    /* K with V right behind it, as numbers */
    size_t kv_count;          /* numbers in both */
    const void *stored;       /* the same in the type of the problem */
    float *rounded;           /* memory for it, where that type is not f32 */
    float *mask;              /* what mask or bias stand on */
};

/* `type` is that of K and V; queries and results are f32. */
void problem_open(struct problem *p, const struct workload *w, heed_dtype type);
/* Rounds the queries to f16 or bf16 as well. */
void problem_round_queries(struct problem *p, heed_dtype type);
/* Would a matrix unit of the instruction set multiply, and not its FMAs? */
bool problem_on_unit(const struct problem *p, const heed_isa *isa);
/* Gives the problem to one instruction set, with K as it is or packed beforehand. */
heed_status problem_use(struct problem *p, const heed_isa *isa, heed_parallel parallel,
                        bool packed);
/* Frees what problem_use() took, which a copy of the problem may do for itself; then the rest. */
void problem_leave(struct problem *p);
void problem_close(struct problem *p);

/*
 * The largest error of a few rows of p->args.o against the formula in double, and the
 * largest that the arithmetic explains for any number of them.  False, and a line in
 * `why`: a result is not finite, or further off than its own bound.
 */
bool problem_check(const struct problem *p, double *max_error, double *bound, char *why,
                   size_t why_size);

#endif
