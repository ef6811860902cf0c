/* SPDX-License-Identifier: MIT */
/* workloads.h - the named shapes of attention that are timed. */
#ifndef HEED_BENCH_WORKLOADS_H
#define HEED_BENCH_WORKLOADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct workload {
    const char *name;
    size_t batch, q_heads, kv_heads, q_rows, kv_rows, dim;
    bool causal;        /* bottom-right: the last row sees all keys */
    float query_factor; /* the queries are N(0,1) times this; 0: times 1 */
};

/* NULL past the end. */
const struct workload *workload_at(size_t index);

/* 4 x batch x q_heads x q_rows x kv_rows x dim, halved for causal square problems. */
double workload_flop(const struct workload *w);
/* Of K and V, each read once. */
double workload_kv_bytes(const struct workload *w);

/* Writes the table as a JSON array of objects. */
void workload_list(FILE *out);

#endif
