/* SPDX-License-Identifier: MIT */
/*
 * scales.h - the scales of keys and values of 8 bits, and what is left to multiply of f8.
 *
 * A scale is the same for all numbers of its row, so it multiplies what comes of them: the
 * score of a key, and the weight of a value, after the weights were added up.  That is a
 * number per row of queries and key, where the numbers themselves are a hundred.
 */
#ifndef HEED_KERNELS_SCALES_H
#define HEED_KERNELS_SCALES_H

#include "kernels/operands.h"

/*
 * The scales of a block for one KV head, all 1 if there are none; zeros up to a whole vector, and
 * for keys that are not read.
 */
static void load_scales(const struct attend *a, const struct heed_scales *scales, size_t head,
                        const struct block *b, float to[HEED_BLOCK])
{
    const struct heed_attend_task *t = a->task;
    const uint64_t read = read_of_head(a, head, b);

    fill(to, b->keys, scales->at ? 0.0f : 1.0f);
    for (size_t j = 0; scales->at && j < b->keys;) {
        const struct run run = next_run(read, j, b->keys);
        const float *x = scales->at + (ptrdiff_t)head * scales->kv;
        const size_t row = b->first_key + run.from, n = rows_together(t, row, run.to - run.from);

        j = run.from + n;
        if (!n)
            break;
        x += row_offset(t, row, scales->row, scales->page);
        for (size_t i = 0; i < n; i++)
            to[run.from + i] = x[(ptrdiff_t)i * scales->row];
    }
    fill(to + b->keys, heed_pad(b->keys, VF_LANES) - b->keys, 0.0f);
}

/* Whether scores are multiplied by something. */
static inline bool has_scales(const struct heed_attend_task *t)
{
    return t->k_scales.at || loaded_times(t->k_type) != 1.0f;
}

/* One factor after the other: their product may be no number.  Keys [from, to). */
INLINE void multiply_rows(float *x, size_t rows, float times, const float *by, size_t from,
                          size_t to)
{
    for (size_t r = 0; r < rows; r++, x += HEED_BLOCK)
        for (size_t j = from / VF_LANES * VF_LANES; j < to; j += VF_LANES)
            vf_store(x + j, vf_mul(vf_mul(vf_load(x + j), vf_set1(times)), vf_load(by + j)));
}

/* The scores of a block, of all rows that see it. */
static void scale_scores(struct attend *a, const struct block *b)
{
    const struct heed_attend_task *t = a->task;
    float scales[HEED_BLOCK];

    for (size_t head = 0; head < t->kv_heads; head++) {
        load_scales(a, &t->k_scales, head, b, scales);
        for (size_t row = 0, rows; row < t->rows; row += rows) {
            rows = group_rows(t->rows - row);
            const struct group_view seen = seen_by_group(a, head, row, rows, b);

            multiply_rows(weights_of(a, head, row), rows, loaded_times(t->k_type), scales,
                          seen.from, seen.to);
        }
    }
}

/* The weights of a row.  Those of keys that it does not see stay 0, whatever their scales are. */
static void scale_weights(float *w, const float *scales, struct group_view any, uint64_t keys)
{
    const size_t from = any.from / VF_LANES * VF_LANES;

    for (size_t j = from; j < any.to; j += VF_LANES)
        vf_store(w + j, vf_mul(vf_load(w + j), vf_load(scales + j)));
    if (~keys & heed_bits_between(from, heed_pad(any.to, VF_LANES)))
        keep_bits_of_block(w, keys, vf_zero());
}

#endif
