/* SPDX-License-Identifier: MIT */
/*
 * rows.h - exp, softmax and normalize over rows of numbers.
 *
 * Sums are taken by lane and by pieces of 1024 numbers, so that rounding errors
 * grow with the number of pieces, not of numbers.
 */
#ifndef HEED_KERNELS_ROWS_H
#define HEED_KERNELS_ROWS_H

#include <math.h>

#include "kernels/running.h"

enum { PIECE = 1024 };

static void exp_rows(const struct heed_rows_task *t)
{
    const float *x = t->x;
    float *y = t->y;

    for (size_t r = 0; r < t->rows; r++, x += t->x_row, y += t->y_row)
        for (size_t i = 0; i < t->cols; i += VF_LANES)
            vf_store_upto(y + i, vf_exp(vf_load_upto(x + i, t->cols - i)), t->cols - i);
}

/* NaN is passed over: the weights will find it. */
static float row_max(const float *x, size_t n)
{
    const size_t whole = n / VF_LANES * VF_LANES;
    vf top = vf_set1(-INFINITY);
    float max;

    for (size_t i = 0; i < whole; i += VF_LANES)
        top = vf_max(vf_load(x + i), top);
    max = vf_reduce_max(top);
    for (size_t i = whole; i < n; i++)
        max = x[i] > max ? x[i] : max;
    return max;
}

/* y = exp(x - max), and their sum. */
static float weigh_piece(const float *x, float *y, size_t n, vf max)
{
    const size_t whole = n / VF_LANES * VF_LANES;
    vf sum = vf_zero();

    for (size_t i = 0; i < whole; i += VF_LANES) {
        const vf w = vf_exp_flushed(vf_sub(vf_load(x + i), max));

        vf_store(y + i, w);
        sum = vf_add(sum, w);
    }
    if (whole < n) {
        const vf last = vf_load_n(x + whole, n - whole);
        const vf w =
            vf_exp_flushed(vf_sub(vf_keep_first(last, n - whole, vf_set1(-INFINITY)), max));

        vf_store_n(y + whole, w, n - whole);
        sum = vf_add(sum, w);
    }
    return vf_reduce_add(sum);
}

static void scale_by(const float *x, float *y, size_t n, float factor)
{
    for (size_t i = 0; i < n; i += VF_LANES)
        vf_store_upto(y + i, vf_mul(vf_load_upto(x + i, n - i), vf_set1(factor)), n - i);
}

static void softmax_row(const float *x, float *y, size_t n)
{
    const float top = row_max(x, n);
    /* -inf - -inf is NaN; relative to any number, -inf weighs 0. */
    const vf max = vf_set1(top > -INFINITY ? top : -FLT_MAX);
    float sum = 0.0f;

    for (size_t i = 0; i < n; i += PIECE)
        sum += weigh_piece(x + i, y + i, n - i < PIECE ? n - i : PIECE, max);
    scale_by(y, y, n, sum == 0.0f ? 0.0f : 1.0f / sum);
}

static void softmax_rows(const struct heed_rows_task *t)
{
    const float *x = t->x;
    float *y = t->y;

    for (size_t r = 0; r < t->rows; r++, x += t->x_row, y += t->y_row)
        softmax_row(x, y, t->cols);
}

static float piece_sum(const float *x, size_t n)
{
    vf sum = vf_zero();

    for (size_t i = 0; i < n; i += VF_LANES)
        sum = vf_add(sum, vf_load_upto(x + i, n - i));
    return vf_reduce_add(sum);
}

/* Divided, not multiplied by the inverse, which overflows for denormal sums. */
static void divide_by(const float *x, float *y, size_t n, float divisor)
{
    for (size_t i = 0; i < n; i += VF_LANES)
        vf_store_upto(y + i, vf_div(vf_load_upto(x + i, n - i), vf_set1(divisor)), n - i);
}

static void normalize_rows(const struct heed_rows_task *t)
{
    const float *x = t->x;
    float *y = t->y;

    for (size_t r = 0; r < t->rows; r++, x += t->x_row, y += t->y_row) {
        float sum = 0.0f;

        for (size_t i = 0; i < t->cols; i += PIECE)
            sum += piece_sum(x + i, t->cols - i < PIECE ? t->cols - i : PIECE);
        divide_by(x, y, t->cols, sum);
    }
}

#endif
