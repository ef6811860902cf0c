/* SPDX-License-Identifier: MIT */
/*
 * rules.h - what happens to the scores of a row between their sums and the softmax:
 * scale, cap, distance, bias, hiding.  Each number by itself, so cuts change nothing.
 */
#ifndef HEED_KERNELS_RULES_H
#define HEED_KERNELS_RULES_H

#include "kernels/masks.h"
#include "kernels/running.h"

/* VF_LANES biases from a key on, and 0 for those that are not `seen`, which are not read. */
INLINE vf bias_of(const heed_score_view *view, const char *row, size_t key, uint64_t seen)
{
    const void *at = heed_after(row, (ptrdiff_t)key * view->key_stride, view->dtype);
    float lane[VF_LANES] = {0.0f};

    if (view->key_stride == 1 && all_bits(seen, 0, VF_LANES))
        return load_as(view->dtype, at, VF_LANES);
    for (size_t i = 0; i < VF_LANES; i++)
        if (seen >> i & 1)
            lane[i] =
                bias_at(view->dtype, heed_after(at, (ptrdiff_t)i * view->key_stride, view->dtype));
    return vf_load(lane);
}

/* Distances of keys to the row's position; all below 2^24 are exact. */
INLINE vf distances(const struct heed_row_rules *row, size_t key)
{
    static const float lane[HEED_LANES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    return vf_add(vf_load(lane), vf_set1((float)((ptrdiff_t)key - row->position)));
}

/* Whether biases move scores, rather than hide keys or nothing. */
static inline bool reads_biases(const struct heed_rules *rules)
{
    return rules->bias.data && !rules->bias_is_mask;
}

/* Whether scores are scaled and no more. */
static inline bool adds_nothing(const struct heed_rules *rules)
{
    return rules->softcap == 0.0f && !rules->slopes && !reads_biases(rules);
}

INLINE vf scaled(const float *s, vf by)
{
    return vf_mul(vf_load(s), by);
}

/* Whole blocks stand one behind the other. */
static inline void scale_only(float *s, size_t rows, size_t n, float scale)
{
    const vf by = vf_set1(scale);

    if (n == HEED_BLOCK) {
        scale_row(s, rows * HEED_BLOCK, by);
        return;
    }
    for (size_t r = 0; r < rows; r++, s += HEED_BLOCK)
        scale_row(s, n, by);
}

INLINE void add_biases_as(heed_dtype type, const void *bias, vf by, float *s, size_t n)
{
    size_t j = 0;

    for (; j + VF_LANES <= n; j += VF_LANES)
        vf_store(s + j, vf_add(scaled(s + j, by),
                               load_as(type, heed_after(bias, (ptrdiff_t)j, type), VF_LANES)));
    if (j < n)
        vf_store(s + j, vf_add(scaled(s + j, by),
                               load_as(type, heed_after(bias, (ptrdiff_t)j, type), n - j)));
}

/* The same of a whole block. */
INLINE void add_block_as(heed_dtype type, const void *bias, vf by, float *s)
{
    UNROLL for (size_t j = 0; j < HEED_BLOCK; j += VF_LANES)
        vf_store(s + j, vf_add(scaled(s + j, by),
                               load_as(type, heed_after(bias, (ptrdiff_t)j, type), VF_LANES)));
}

/* Of rows whose scores stand HEED_BLOCK apart. */
INLINE void add_to_rows_as(heed_dtype type, const struct heed_row_rules *row, size_t rows,
                           float scale, float *s, size_t key, size_t n)
{
    const vf by = vf_set1(scale);

    for (size_t r = 0; r < rows; r++, s += HEED_BLOCK) {
        const void *bias = heed_after(row[r].bias, (ptrdiff_t)key, type);

        if (n == HEED_BLOCK)
            add_block_as(type, bias, by, s);
        else
            add_biases_as(type, bias, by, s, n);
    }
}

static void add_to_rows(heed_dtype type, const struct heed_row_rules *row, size_t rows, float scale,
                        float *s, size_t key, size_t n)
{
    if (type == HEED_F16)
        add_to_rows_as(HEED_F16, row, rows, scale, s, key, n);
    else if (type == HEED_BF16)
        add_to_rows_as(HEED_BF16, row, rows, scale, s, key, n);
    else
        add_to_rows_as(HEED_F32, row, rows, scale, s, key, n);
}

/*
 * One vector of scores, moved; `seen` says of which keys the row sees by its position: of others no
 * bias is read.
 */
INLINE vf moved(const struct heed_rules *rules, const struct heed_row_rules *row, vf x, size_t key,
                uint64_t seen)
{
    const vf cap = vf_set1(rules->softcap);

    if (rules->softcap != 0.0f)
        x = vf_mul(vf_tanh(vf_div(x, cap)), cap);
    if (rules->slopes)
        x = vf_fma(vf_set1(row->slope), distances(row, key), x);
    if (reads_biases(rules))
        x = vf_add(x, bias_of(&rules->bias, row->bias, key, seen));
    return x;
}

/* Scores of a row against a block of keys from `key` on, of those that it sees by its position. */
APART void move_seen(const struct heed_rules *rules, const struct heed_row_rules *row, float scale,
                     float *s, size_t key, struct seen seen)
{
    const vf by = vf_set1(scale);
    const uint64_t bits = bits_seen(seen);

    for (size_t j = seen.from / VF_LANES * VF_LANES; j < seen.to; j += VF_LANES)
        vf_store(s + j, moved(rules, row, scaled(s + j, by), key + j, bits >> j));
}

/* Everything else. */
APART void move_all(const struct heed_rules *rules, const struct heed_row_rules *row, size_t rows,
                    float scale, float *s, size_t key, size_t n)
{
    const vf by = vf_set1(scale);

    for (size_t r = 0; r < rows; r++, row++, s += HEED_BLOCK)
        for (size_t j = 0; j < n; j += VF_LANES)
            vf_store(s + j, moved(rules, row, scaled(s + j, by), key + j, heed_bits_below(n - j)));
}

/* Whether biases are all that moves scores, and stand side by side: the usual case. */
static inline bool adds_biases(const struct heed_rules *rules)
{
    return rules->softcap == 0.0f && !rules->slopes && reads_biases(rules) &&
           rules->bias.key_stride == 1;
}

/*
 * Scales the n scores of rows against the keys from `key` on and moves them by cap, slope and
 * bias.  Rows of s are HEED_BLOCK apart and have room for whole vectors; what stands behind the
 * n scores changes.  Those of hidden keys may be any number.
 */
static void move_scores(const struct heed_rules *rules, const struct heed_row_rules *row,
                        size_t rows, float scale, float *s, size_t key, size_t n)
{
    if (adds_biases(rules))
        add_to_rows(rules->bias.dtype, row, rows, scale, s, key, n);
    else if (adds_nothing(rules))
        scale_only(s, rows, n, scale);
    else
        move_all(rules, row, rows, scale, s, key, n);
}

#endif
