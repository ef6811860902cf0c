/* SPDX-License-Identifier: MIT */
/* workloads.h - the named shapes of attention that are timed. */
#ifndef HEED_BENCH_WORKLOADS_H
#define HEED_BENCH_WORKLOADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What hides keys or moves scores beside `causal`; masks.c makes it. */
enum workload_mask {
    NO_MASK,
    MASK_PAD,   /* bytes [batch][1][1][kv_rows]: a suffix of every other sequence is hidden */
    MASK_BITS,  /* [1][1][q_rows][kv_rows]: one pair of eight is hidden, here and there */
    MASK_BYTES, /* the same in bytes */
    BIAS,       /* f32 [1][1][q_rows][kv_rows] */
    HEAD_BIAS   /* f32 [1][q_heads][q_rows][kv_rows] */
};

struct workload {
    const char *name;
    size_t batch, q_heads, kv_heads, q_rows, kv_rows, dim;
    bool causal;        /* bottom-right: the last row sees all keys */
    float query_factor; /* the queries are N(0,1) times this; 0: times 1 */
    enum workload_mask mask;
    size_t window; /* of a causal one: keys that a row sees; 0: all before it */
};

/* NULL past the end. */
const struct workload *workload_at(size_t index);

const char *workload_mask_name(const struct workload *w);
/* Has it neither mask nor bias nor window?  Some peers can do no more. */
bool workload_is_plain(const struct workload *w);
/* Keys of a sequence that padding leaves. */
size_t workload_length(const struct workload *w, size_t batch);

/*
 * 4 x batch x q_heads x q_rows x kv_rows x dim, halved for causal square problems; with a window,
 * by pairs that are seen.  What a mask hides counts.
 */
double workload_flop(const struct workload *w);
/* Of K and V, each read once. */
double workload_kv_bytes(const struct workload *w);
double workload_mask_bytes(const struct workload *w);
/* Numbers of normal_numbers() that its tensors, or its mask alone, are made from. */
size_t workload_numbers(const struct workload *w);
size_t workload_mask_numbers(const struct workload *w);

/* Writes the table as a JSON array of objects. */
void workload_list(FILE *out);

#endif
