/* SPDX-License-Identifier: MIT */
/*
 * masks.h - what bytes, bits, biases of -inf and maps of blocks leave a row of a block of up
 * to 64 keys: a bit for each, so that all, none and some are told by one comparison.
 */
#ifndef HEED_KERNELS_MASKS_H
#define HEED_KERNELS_MASKS_H

#include <math.h>

#include "kernels/convert.h"
#include "kernels/key_bits.h"
#include "scratch.h"

static const char *score_row(const heed_score_view *view, size_t size, size_t batch, size_t head,
                             size_t row)
{
    if (!view->data) /* strides that nobody checked */
        return NULL;

    const ptrdiff_t at = (ptrdiff_t)batch * view->batch_stride +
                         (ptrdiff_t)head * view->head_stride + (ptrdiff_t)row * view->row_stride;
    return (const char *)view->data + at * (ptrdiff_t)size;
}

/* The rules of a head, for row after row of it. */
struct head_rules {
    const char *bias, *visible, *blocks; /* of row 0; NULL: none */
    ptrdiff_t bias_row, visible_row;     /* in bytes */
    float slope;
};

static struct head_rules rules_of_head(const struct heed_rules *rules, size_t batch, size_t head)
{
    const ptrdiff_t size = (ptrdiff_t)heed_size(rules->bias.dtype);

    return (struct head_rules){
        .bias = score_row(&rules->bias, (size_t)size, batch, head, 0),
        .visible = score_row(&rules->visible, 1, batch, head, 0),
        .blocks = score_row(&rules->blocks, 1, batch, head, 0),
        .bias_row = rules->bias.row_stride * size,
        .visible_row = rules->visible.row_stride,
        .slope = rules->slopes ? rules->slopes[head] : 0.0f,
    };
}

static const char *row_of_map(const struct heed_rules *rules, const char *blocks, ptrdiff_t row)
{
    return blocks + row / (ptrdiff_t)rules->block_rows * rules->blocks.row_stride;
}

/* As a query row of the head has them, of a call whose row 0 stands at `position`. */
static inline struct heed_row_rules rules_of_row(const struct heed_rules *rules,
                                                 const struct head_rules *head, ptrdiff_t position,
                                                 ptrdiff_t row)
{
    return (struct heed_row_rules){
        .bias = head->bias ? head->bias + row * head->bias_row : NULL,
        .visible = head->visible ? head->visible + row * head->visible_row : NULL,
        .blocks = head->blocks ? row_of_map(rules, head->blocks, row) : NULL,
        .slope = head->slope,
        .position = position + row,
    };
}

static inline bool has_masks(const struct heed_rules *rules)
{
    return rules && (rules->bias.data || rules->visible.data || rules->blocks.data);
}

/*
 * Whether all rows of a head have the same masks: then one is read for all of them, where some row
 * sees the key.
 */
static inline bool share_masks_by_rows(const struct heed_rules *rules)
{
    return !rules->blocks.data && (!rules->bias.data || !rules->bias.row_stride) &&
           (!rules->visible.data || !rules->visible.row_stride);
}

/* Whether two rows have the same masks. */
static inline bool share_masks(const struct heed_row_rules *a, const struct heed_row_rules *b)
{
    return a->visible == b->visible && a->bias == b->bias && a->blocks == b->blocks;
}

static uint64_t word_of_bytes(const unsigned char *p, ptrdiff_t step, size_t n)
{
    unsigned char some[HEED_BLOCK] = {0};

    if (step == 1 && n == HEED_BLOCK)
        return bits_of_bytes(p);
    for (size_t j = 0; j < n; j++)
        some[j] = p[(ptrdiff_t)j * step];
    return bits_of_bytes(some);
}

/* Of keys from a multiple of 8 on: nothing is read past the byte of the last. */
static uint64_t word_of_bits(const unsigned char *p, size_t n)
{
    uint64_t bits = 0;

    if (n > HEED_BLOCK - 8)
        return heed_eight_bytes(p);
    for (size_t j = 0; j < n; j += 8)
        bits |= (uint64_t)p[j / 8] << j;
    return bits;
}

/* The last vector may be a part of one, whose other lanes are zeros. */
INLINE uint64_t hidden_by_biases(heed_dtype type, const void *p, size_t from, size_t n)
{
    const vf bias = load_as(type, heed_after(p, (ptrdiff_t)from, type), n - from);

    return (uint64_t)vf_bits_lt(bias, vf_set1(-FLT_MAX)) << from;
}

INLINE uint64_t word_of_biases_as(heed_dtype type, const void *p, size_t n)
{
    uint64_t hidden = 0;

    if (n == HEED_BLOCK) {
        UNROLL for (size_t j = 0; j < HEED_BLOCK; j += VF_LANES) hidden |=
            hidden_by_biases(type, p, j, HEED_BLOCK);
        return ~hidden;
    }
    for (size_t j = 0; j < n; j += VF_LANES)
        hidden |= hidden_by_biases(type, p, j, n);
    return ~hidden;
}

INLINE float bias_at(heed_dtype type, const void *at)
{
    if (type == HEED_F16)
        return f32_from_f16(*(const uint16_t *)at);
    return type == HEED_BF16 ? f32_from_bf16(*(const uint16_t *)at) : *(const float *)at;
}

static uint64_t word_of_biases(const heed_score_view *view, const char *row, size_t key, size_t n)
{
    const ptrdiff_t step = view->key_stride;
    const void *p = heed_after(row, (ptrdiff_t)key * step, view->dtype);
    uint64_t bits = 0;

    if (step == 1 && view->dtype == HEED_F32)
        return word_of_biases_as(HEED_F32, p, n);
    if (step == 1 && view->dtype == HEED_F16)
        return word_of_biases_as(HEED_F16, p, n);
    if (step == 1)
        return word_of_biases_as(HEED_BF16, p, n);
    for (size_t j = 0; j < n; j++) {
        const float x = bias_at(view->dtype, heed_after(p, (ptrdiff_t)j * step, view->dtype));

        bits |= (uint64_t) !(x < -FLT_MAX) << j;
    }
    return bits;
}

/* Keys that may lie in several blocks of the map. */
static uint64_t word_of_map(const struct heed_rules *rules, const char *map, size_t key, size_t n)
{
    const size_t step = rules->block_keys, end = key + n;
    uint64_t bits = 0;

    for (size_t j = key, next; j < end; j = next) {
        next = j - j % step + step;
        next = next < end ? next : end;
        if (map[(ptrdiff_t)(j / step) * rules->blocks.key_stride])
            bits |= heed_bits_between(j - key, next - key);
    }
    return bits;
}

/*
 * Of the keys from `key` on those of a run that the masks leave a row, bit 0 for the first of all.
 * HEED_BITS want a key that is a multiple of 8, and of them whole bytes are read.
 */
static uint64_t run_left(const struct heed_rules *rules, const struct heed_row_rules *row,
                         size_t key, struct run run)
{
    const unsigned char *const visible = (const unsigned char *)row->visible;
    const ptrdiff_t step = rules->visible.key_stride;
    const size_t at = key + run.from, n = run.to - run.from, byte = run.from / 8;
    uint64_t bits = heed_bits_between(run.from, run.to);

    if (visible && rules->visible.dtype == HEED_BITS)
        bits &= word_of_bits(visible + key / 8 + byte, run.to - 8 * byte) << 8 * byte;
    else if (visible)
        bits &= word_of_bytes(visible + (ptrdiff_t)at * step, step, n) << run.from;
    if (row->bias)
        bits &= word_of_biases(&rules->bias, row->bias, at, n) << run.from;
    if (row->blocks && bits)
        bits &= word_of_map(rules, row->blocks, at, n) << run.from;
    return bits;
}

/* The keys [key, key + n) that the masks leave a row, n up to 64. */
static uint64_t keys_left(const struct heed_rules *rules, const struct heed_row_rules *row,
                          size_t key, size_t n)
{
    return run_left(rules, row, key, (struct run){0, n});
}

/*
 * The same, but no masks are read of keys that are not `seen`, which count as left: whoever asks
 * hides them anyway.
 */
static uint64_t keys_left_of(const struct heed_rules *rules, const struct heed_row_rules *row,
                             size_t key, size_t n, uint64_t seen)
{
    uint64_t bits = heed_bits_below(n) & ~seen;

    for (struct run r = next_run(seen, 0, n); r.from < n; r = next_run(seen, r.to, n))
        bits |= run_left(rules, row, key, r);
    return bits;
}

#endif
