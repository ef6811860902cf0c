/* SPDX-License-Identifier: MIT */
/* seen.c - masks, windows, chunks, biases, one key and one score at a time. */
#include "seen.h"

#include <math.h>

#include "half.h"

size_t rows_of(const heed_attention_args *a, size_t b)
{
    return a->q_offsets ? (size_t)(a->q_offsets[b + 1] - a->q_offsets[b]) : a->q_rows;
}

size_t keys_of(const heed_attention_args *a, size_t b)
{
    if (a->kv_lengths)
        return a->kv_lengths[b];
    return a->kv_offsets ? (size_t)(a->kv_offsets[b + 1] - a->kv_offsets[b]) : a->kv_rows;
}

static ptrdiff_t position_of(const heed_attention_args *a, size_t b, size_t r)
{
    const ptrdiff_t row = (ptrdiff_t)r;

    if (a->q_positions)
        return row + a->q_positions[b];
    if (a->mask == HEED_MASK_CAUSAL_FROM) /* where a sum could overflow: far away */
        return row + (a->q_position > PTRDIFF_MAX / 4 ? PTRDIFF_MAX / 4 : a->q_position);
    return row + (ptrdiff_t)keys_of(a, b) - (ptrdiff_t)rows_of(a, b);
}

static ptrdiff_t floor_div(ptrdiff_t x, ptrdiff_t by)
{
    return (ptrdiff_t)floor((double)x / (double)by);
}

/* The element of a view of scores; bits are read as the header says. */
static const char *element(const heed_score_view *v, size_t size, size_t b, size_t h, size_t r,
                           size_t j)
{
    return (const char *)v->data + ((ptrdiff_t)b * v->batch_stride + (ptrdiff_t)h * v->head_stride +
                                    (ptrdiff_t)r * v->row_stride + (ptrdiff_t)j * v->key_stride) *
                                       (ptrdiff_t)size;
}

static bool is_visible(const heed_score_view *v, size_t b, size_t h, size_t r, size_t j)
{
    if (!v->data)
        return true;
    if (v->dtype == HEED_BITS)
        return *(const unsigned char *)element(v, 1, b, h, r, j / 8) & 1u << j % 8;
    return *element(v, 1, b, h, r, j);
}

static float bias_of(const heed_attention_args *a, size_t b, size_t h, size_t r, size_t j)
{
    const heed_dtype type = a->bias.dtype;

    return a->bias.data ? (float)dtype_read(type, element(&a->bias, dtype_size(type), b, h, r, j))
                        : 0.0f;
}

static bool in_sight(const heed_attention_args *a, ptrdiff_t p, ptrdiff_t j)
{
    return !(a->mask != HEED_MASK_NONE && j > p) &&
           !(a->window_left && j < p - (ptrdiff_t)a->window_left + 1) &&
           !(a->window_right && j > p + (ptrdiff_t)a->window_right - 1) &&
           !(a->local_chunk &&
             floor_div(j, (ptrdiff_t)a->local_chunk) != floor_div(p, (ptrdiff_t)a->local_chunk));
}

bool seen_by_position(const heed_attention_args *a, size_t b, size_t r, size_t j)
{
    return j < keys_of(a, b) && (j < a->prefix || in_sight(a, position_of(a, b, r), (ptrdiff_t)j));
}

bool seen_by_some(const heed_attention_args *a, size_t b, size_t j)
{
    for (size_t r = 0; r < rows_of(a, b); r++)
        if (seen_by_position(a, b, r, j))
            return true;
    return false;
}

bool block_is_visible(const heed_attention_args *a, size_t b, size_t h, size_t r, size_t j)
{
    return !a->blocks.data || is_visible(&a->blocks, b, h, r / a->block_rows, j / a->block_keys);
}

bool key_is_seen(const heed_attention_args *a, size_t b, size_t h, size_t r, size_t j)
{
    return seen_by_position(a, b, r, j) && is_visible(&a->visible, b, h, r, j) &&
           bias_of(a, b, h, r, j) != -INFINITY && block_is_visible(a, b, h, r, j);
}

/*
 * Each step rounds once: the scale and the division by the cap move the argument of
 * tanh by 2 u of it, its slope being at most 1; tanh is off by 4 u, the product by 1.
 */
struct bounded score_by_rules(const heed_attention_args *a, size_t b, size_t h, size_t r, size_t j,
                              struct bounded s)
{
    const double u = UNIT_ROUNDOFF;

    if (a->softcap != 0.0f) {
        s.error += 2 * u * fabs(s.value);
        s.value = (double)a->softcap * tanh(s.value / (double)a->softcap);
        s.error += 6 * u * fabs(s.value);
    }
    if (a->alibi_slopes) {
        const double moved =
            (double)a->alibi_slopes[h] * (double)((ptrdiff_t)j - position_of(a, b, r));

        s.value += moved;
        s.error += u * (fabs(moved) + fabs(s.value)); /* the product rounds without an FMA */
    }
    if (a->bias.data) {
        s.value += (double)bias_of(a, b, h, r, j);
        s.error += u * fabs(s.value);
    }
    return s;
}

/*
 * 1 - t^2 with t = tanh(x / cap).  Its slope is at most 0.77 / cap; x / cap is off by the
 * error of the score, the scale and the division; t by 4 u of itself, and so its square by
 * 9 u, and the difference rounds once more.
 */
struct bounded slope_of_cap(const heed_attention_args *a, struct bounded s)
{
    const double u = UNIT_ROUNDOFF, cap = (double)a->softcap;

    if (cap == 0)
        return (struct bounded){1, 0};
    const double t = tanh(s.value / cap), off = s.error + 2 * u * fabs(s.value);
    return (struct bounded){1 - t * t, 0.77 * off / cap + 10 * u};
}
