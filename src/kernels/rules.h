/* SPDX-License-Identifier: MIT */
/*
 * rules.h - what happens to the scores of a row between their sums and the softmax:
 * scale, cap, distance, bias, hiding.  Each number by itself, so cuts change nothing.
 */
#ifndef HEED_KERNELS_RULES_H
#define HEED_KERNELS_RULES_H

#include "kernels/key_bits.h"
#include "kernels/running.h"

static const char *score_row(const heed_score_view *view, size_t size, size_t batch, size_t head,
                             size_t row)
{
    if (!view->data) /* strides that nobody checked */
        return NULL;

    const ptrdiff_t at = (ptrdiff_t)batch * view->batch_stride +
                         (ptrdiff_t)head * view->head_stride + (ptrdiff_t)row * view->row_stride;
    return (const char *)view->data + at * (ptrdiff_t)size;
}

/* The rules as a query row has them, of a call whose row 0 stands at `position`. */
static struct heed_row_rules rules_of_row(const struct heed_rules *rules, ptrdiff_t position,
                                          size_t batch, size_t head, size_t row)
{
    const size_t block = rules->blocks.data ? row / rules->block_rows : 0;

    return (struct heed_row_rules){
        .bias = score_row(&rules->bias, heed_size(rules->bias.dtype), batch, head, row),
        .visible = score_row(&rules->visible, 1, batch, head, row),
        .blocks = score_row(&rules->blocks, 1, batch, head, block),
        .slope = rules->slopes ? rules->slopes[head] : 0.0f,
        .position = position + (ptrdiff_t)row,
    };
}

/* Whether the row sees the block of keys that `key` is in. */
static inline bool row_sees_block(const struct heed_rules *rules, const struct heed_row_rules *row,
                                  size_t key)
{
    return !row->blocks ||
           row->blocks[(ptrdiff_t)(key / rules->block_keys) * rules->blocks.key_stride];
}

INLINE float number_at(heed_dtype type, const void *at)
{
    if (type == HEED_F16)
        return f32_from_f16(*(const uint16_t *)at);
    return type == HEED_BF16 ? f32_from_bf16(*(const uint16_t *)at) : *(const float *)at;
}

/* The biases of up to VF_LANES keys from `key` on; 0 for those that are not `seen`, nor read. */
static vf bias_of(const heed_score_view *view, const char *row, size_t key, size_t n, uint64_t seen)
{
    const void *at = heed_after(row, (ptrdiff_t)key * view->key_stride, view->dtype);
    float lane[VF_LANES] = {0.0f};

    for (size_t i = 0; i < VF_LANES && i < n; i++)
        if (seen >> i & 1)
            lane[i] = number_at(view->dtype,
                                heed_after(at, (ptrdiff_t)i * view->key_stride, view->dtype));
    return vf_load(lane);
}

/* Those of keys that are all seen, side by side. */
INLINE vf whole_bias(const heed_score_view *view, const char *row, size_t key, size_t n)
{
    return load_as(view->dtype, heed_after(row, (ptrdiff_t)key, view->dtype), n);
}

/* s + bias, and -inf where the bias is, even for a NaN. */
INLINE vf add_bias(vf s, vf bias)
{
    return vf_add(vf_zero_if_lt(s, bias, vf_set1(-FLT_MAX)), bias);
}

/* Distances of keys to the row's position; all below 2^24 are exact. */
INLINE vf distances(const struct heed_row_rules *row, size_t key)
{
    static const float lane[HEED_LANES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    return vf_add(vf_load(lane), vf_set1((float)((ptrdiff_t)key - row->position)));
}

static void hide_bytes(float *s, const char *visible, ptrdiff_t step, size_t n)
{
    if (step == 1) /* a loop that compilers make vectors of */
        for (size_t j = 0; j < n; j++)
            s[j] = visible[j] ? s[j] : -INFINITY;
    else
        for (size_t j = 0; j < n; j++)
            s[j] = visible[(ptrdiff_t)j * step] ? s[j] : -INFINITY;
}

static void hide_bits(float *s, const char *visible, size_t key, size_t n)
{
    for (size_t j = 0; j < n; j++)
        s[j] = (unsigned char)visible[(key + j) / 8] >> (key + j) % 8 & 1 ? s[j] : -INFINITY;
}

/* One bit of each byte. */
static void hide_column(float *s, const char *visible, ptrdiff_t step, unsigned char bit, size_t n)
{
    for (size_t j = 0; j < n; j++)
        s[j] = visible[(ptrdiff_t)j * step] & bit ? s[j] : -INFINITY;
}

static void hide(const heed_score_view *view, const struct heed_row_rules *row, float *s,
                 size_t key, size_t n)
{
    const char *visible = row->visible;
    const ptrdiff_t step = view->key_stride;

    if (row->bit)
        hide_column(s, visible + (ptrdiff_t)key * step, step, row->bit, n);
    else if (view->dtype == HEED_BITS)
        hide_bits(s, visible, key, n);
    else
        hide_bytes(s, visible + (ptrdiff_t)key * step, step, n);
}

static void hide_blocks(const struct heed_rules *rules, const struct heed_row_rules *row, float *s,
                        size_t key, size_t n)
{
    for (size_t end = key + n, next; key < end; s += next - key, key = next) {
        next = key - key % rules->block_keys + rules->block_keys;
        next = next < end ? next : end;
        if (!row_sees_block(rules, row, key))
            fill(s, next - key, -INFINITY);
    }
}

/*
 * Applies the rules to the scores of a row against a block of keys from `key` on, as far as the
 * row sees these by position: of others no bias and no mask is read.  The scores of vectors that
 * begin with a key that is not seen, or end with one, change.
 */
static void apply_rules(const struct heed_rules *rules, const struct heed_row_rules *row,
                        float scale, float *s, size_t key, struct seen seen)
{
    const vf by = vf_set1(scale), cap = vf_set1(rules->softcap), slope = vf_set1(row->slope);
    const bool all = seen.from % VF_LANES == 0 && seen.hole == seen.hole_end;
    const bool side_by_side = all && rules->bias.key_stride == 1;
    const uint64_t bits = all ? 0 : bits_seen(seen);
    struct run run = {seen.from, seen.to};

    for (size_t j = seen.from / VF_LANES * VF_LANES; j < seen.to; j += VF_LANES) {
        vf x = vf_mul(vf_load(s + j), by);

        if (rules->softcap != 0.0f)
            x = vf_mul(vf_tanh(vf_div(x, cap)), cap);
        if (rules->slopes)
            x = vf_fma(slope, distances(row, key + j), x);
        if (row->bias && side_by_side)
            x = add_bias(x, whole_bias(&rules->bias, row->bias, key + j, seen.to - j));
        else if (row->bias)
            x = add_bias(x, bias_of(&rules->bias, row->bias, key + j, seen.to - j,
                                    all ? UINT64_MAX : bits >> j));
        vf_store(s + j, x);
    }
    if (!all)
        run = next_run(bits, seen.from, seen.to);
    for (; run.from < seen.to; run = next_run(bits, run.to, seen.to)) {
        if (row->visible)
            hide(&rules->visible, row, s + run.from, key + run.from, run.to - run.from);
        if (row->blocks)
            hide_blocks(rules, row, s + run.from, key + run.from, run.to - run.from);
    }
}

#endif
