/* SPDX-License-Identifier: MIT */
/* kv_problem.h - sequences of different lengths, as views and in a cache. */
#ifndef HEED_TESTS_KV_PROBLEM_H
#define HEED_TESTS_KV_PROBLEM_H

#include <heed/heed.h>

enum {
    KV_BATCH = 3,
    KV_Q_HEADS = 4,
    KV_HEADS = 2,
    KV_ROWS = 2,
    KV_KEYS = 150, /* over two blocks of 64 keys, as rows of the views */
    KV_CAPACITY = 200,
    KV_QK_DIM = 24,
    KV_V_DIM = 19,
    KV_OUTPUT = KV_BATCH * KV_Q_HEADS * KV_ROWS * KV_V_DIM,
    KV_MEMORY = 1 << 18
};

/* Keys of each entry, the longest of KV_KEYS. */
extern const size_t kv_lengths[KV_BATCH];

/* Room for any cache of these sizes. */
extern unsigned char kv_memory[KV_MEMORY];

/* Fills the views with numbers of this type, and what is wider than it. */
void kv_draw(heed_dtype type);

/* A cache of that type in kv_memory. */
heed_kv_create_args kv_create_args(heed_dtype type, const heed_isa *isa);

/* Rows [first, first + rows) of the views for entries [b, b + batch). */
heed_kv_append_args kv_rows_of(heed_kv *kv, size_t b, size_t batch, size_t first, size_t rows);

/* All rows of every entry, appended to an empty cache; such a cache in kv_memory. */
void kv_fill(heed_kv *kv);
heed_kv *kv_filled(heed_dtype type, const heed_isa *isa);

/* The cache that memory holds. */
heed_kv kv_opened(void *memory, size_t size, int read_only, const heed_isa *isa);

/* Causal attention over the views, kv_lengths[b] keys of each; and over a cache. */
heed_attention_args kv_attention_of_views(const heed_isa *isa, float *o);
heed_attention_args kv_attention_of(const heed_kv *kv, float *o);

#endif
