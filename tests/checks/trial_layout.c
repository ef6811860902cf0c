/* SPDX-License-Identifier: MIT */
/* trial_layout.c - random offsets of ragged batches, random page tables. */
#include "trial_layout.h"

/* Offsets of sequences of up to `most` rows; some rows before the first belong to nobody. */
static int32_t *draw_offsets(struct trial *trial, size_t batch, size_t most)
{
    int32_t *offsets = trial_memory(trial, (batch + 1) * sizeof *offsets);

    offsets[0] = (int32_t)random_below(&trial->random, 3);
    for (size_t b = 0; b < batch; b++)
        offsets[b + 1] = offsets[b] + (int32_t)random_below(&trial->random, most + 1);
    return offsets;
}

/* Each batch's pages are anywhere in the pool, shared ones too; the stride leaves a gap. */
static void draw_pages(struct trial *trial, heed_attention_args *a)
{
    static const size_t sizes[] = {1, 2, 3, 7, 8, 16, 20, 64, 100, 128};

    a->page_rows = RANDOM_OF(&trial->random, sizes);
    const size_t used = (a->kv_rows + a->page_rows - 1) / a->page_rows, stride = used + 1;
    int32_t *table = trial_memory(trial, a->batch * stride * sizeof *table);

    a->pages = 1 + random_below(&trial->random, used * a->batch + 1);
    a->page_table_stride = (ptrdiff_t)stride;
    for (size_t b = 0; b < a->batch; b++)
        for (size_t i = 0; i < used; i++)
            table[b * stride + i] = (int32_t)random_below(&trial->random, a->pages);
    a->validate_pages = random_once_in(&trial->random, 2);
    a->page_table = table;
}

struct extents trial_layout(struct trial *trial, heed_attention_args *a, bool ragged)
{
    const bool paged = ragged && random_once_in(&trial->random, 2);
    struct extents e = {a->batch, a->q_rows, a->batch, a->kv_rows};

    if (ragged && !(paged && random_once_in(&trial->random, 2))) {
        a->q_offsets = draw_offsets(trial, a->batch, a->q_rows);
        e.q_batch = 1;
        e.q_rows = (size_t)a->q_offsets[a->batch];
    }
    if (paged) {
        draw_pages(trial, a);
        e.kv_batch = a->pages;
        e.kv_rows = a->page_rows;
    } else if (ragged) {
        a->kv_offsets = draw_offsets(trial, a->batch, a->kv_rows);
        e.kv_batch = 1;
        e.kv_rows = (size_t)a->kv_offsets[a->batch];
    }
    return e;
}

struct extents trial_ragged(struct trial *trial, heed_attention_args *a, bool ragged)
{
    const size_t which = ragged ? 1 + random_below(&trial->random, 3) : 0;
    struct extents e = {a->batch, a->q_rows, a->batch, a->kv_rows};

    if (which & 1) {
        a->q_offsets = draw_offsets(trial, a->batch, a->q_rows);
        e.q_batch = 1;
        e.q_rows = (size_t)a->q_offsets[a->batch];
    }
    if (which & 2) {
        a->kv_offsets = draw_offsets(trial, a->batch, a->kv_rows);
        e.kv_batch = 1;
        e.kv_rows = (size_t)a->kv_offsets[a->batch];
    }
    return e;
}
