/* SPDX-License-Identifier: MIT */
/*
 * row.h - exp, softmax and normalize over one row of f32.
 *
 * Sums are taken by lane and by pieces of 1024 numbers, so that rounding errors
 * grow with the number of pieces, not of numbers.
 */
#ifndef HEED_KERNELS_ROW_H
#define HEED_KERNELS_ROW_H

#include <math.h>

#include "kernels/running.h"

enum { PIECE = 1024 };

/* How many of n numbers fill whole vectors: loops over them have no branch but their end. */
static inline size_t whole_vectors(size_t n)
{
    return n / VF_LANES * VF_LANES;
}

static void exp_row(const float *x, float *y, size_t n)
{
    const size_t whole = whole_vectors(n);
    size_t at = 0;

    for (; at + EXP_VECS * VF_LANES <= whole; at += EXP_VECS * VF_LANES) {
        vf e[EXP_VECS];

        UNROLL for (int i = 0; i < EXP_VECS; i++) e[i] = vf_load(x + at + i * VF_LANES);
        vf_exp_all(e, EXP_VECS);
        UNROLL for (int i = 0; i < EXP_VECS; i++) vf_store(y + at + i * VF_LANES, e[i]);
    }
    for (; at < whole; at += VF_LANES)
        vf_store(y + at, vf_exp(vf_load(x + at)));
    if (whole < n)
        vf_store_n(y + whole, vf_exp(vf_load_n(x + whole, n - whole)), n - whole);
}

/* NaN is passed over: the weights will find it. */
INLINE float row_max(const float *x, size_t n)
{
    const size_t whole = whole_vectors(n);
    vf top = vf_set1(-INFINITY), other = top;
    size_t at = 0;
    float max;

    for (; at + 2 * VF_LANES <= whole; at += 2 * VF_LANES) {
        top = vf_max(vf_load(x + at), top);
        other = vf_max(vf_load(x + at + VF_LANES), other);
    }
    if (at < whole)
        top = vf_max(vf_load(x + at), top);
    top = vf_max(top, other);
    max = vf_reduce_max(top);
    for (size_t i = whole; i < n; i++)
        max = x[i] > max ? x[i] : max;
    return max;
}

/* y = exp(x - max), and their sum.  As attention has it: half the multiplications of exp(). */
INLINE float weigh_piece(const float *x, float *y, size_t n, vf max)
{
    const struct octaves octaves = {.factor = 1.44269504f, .lowest = VF_EXP_MIN};
    const size_t whole = whole_vectors(n);
    vf sum = weigh_whole(x, y, whole, max, &octaves, vf_zero(), false);

    if (whole < n) {
        const vf last =
            vf_keep_first(vf_load_n(x + whole, n - whole), n - whole, vf_set1(-INFINITY));
        const vf w = weight_of(vf_sub(last, max), &octaves);

        vf_store_n(y + whole, w, n - whole);
        sum = vf_add(sum, w);
    }
    return vf_reduce_add(sum);
}

INLINE void scale_by(const float *x, float *y, size_t n, float factor)
{
    const size_t whole = whole_vectors(n);

    for (size_t i = 0; i < whole; i += VF_LANES)
        vf_store(y + i, vf_mul(vf_load(x + i), vf_set1(factor)));
    if (whole < n)
        vf_store_n(y + whole, vf_mul(vf_load_n(x + whole, n - whole), vf_set1(factor)), n - whole);
}

/* -inf - -inf is NaN; relative to any number, -inf weighs 0. */
INLINE vf max_of_weights(float top)
{
    return vf_set1(top > -INFINITY ? top : -FLT_MAX);
}

static inline float inverse_of_weights(float sum)
{
    return sum == 0.0f ? 0.0f : 1.0f / sum;
}

INLINE float weigh_pieces(const float *x, float *y, size_t n, vf max)
{
    float sum = 0.0f;

    for (size_t i = 0; i < n; i += PIECE)
        sum += weigh_piece(x + i, y + i, n - i < PIECE ? n - i : PIECE, max);
    return sum;
}

/* With a sink beside the row, one more score, which is -inf where there is none. */
INLINE void softmax_row_and_sink(const float *x, float *y, size_t n, float sink)
{
    const float row_top = row_max(x, n), top = sink > row_top ? sink : row_top;
    float sum = weigh_pieces(x, y, n, max_of_weights(top));

    if (sink > -INFINITY)
        sum += expf(sink - top);
    scale_by(y, y, n, inverse_of_weights(sum));
}

INLINE float piece_sum(const float *x, size_t n)
{
    const size_t whole = whole_vectors(n);
    vf sum = vf_zero();

    for (size_t i = 0; i < whole; i += VF_LANES)
        sum = vf_add(sum, vf_load(x + i));
    if (whole < n)
        sum = vf_add(sum, vf_load_n(x + whole, n - whole));
    return vf_reduce_add(sum);
}

/* Divided, not multiplied by the inverse, which overflows for denormal sums. */
INLINE void divide_by(const float *x, float *y, size_t n, float divisor)
{
    const size_t whole = whole_vectors(n);
    const vf by = vf_set1(divisor);

    for (size_t i = 0; i < whole; i += VF_LANES)
        vf_store(y + i, vf_div(vf_load(x + i), by));
    if (whole < n)
        vf_store_n(y + whole, vf_div(vf_load_n(x + whole, n - whole), by), n - whole);
}

INLINE void normalize_row(const float *x, float *y, size_t n)
{
    float sum = 0.0f;

    for (size_t i = 0; i < n; i += PIECE)
        sum += piece_sum(x + i, n - i < PIECE ? n - i : PIECE);
    divide_by(x, y, n, sum);
}

#endif
