/* SPDX-License-Identifier: MIT */
/*
 * rows.h - exp, softmax and normalize over rows of numbers of any type.
 *
 * Rows of f32 are computed where they stand, others a piece at a time in f32 on the
 * stack, with the bits that f32 would have before the last rounding.
 */
#ifndef HEED_KERNELS_ROWS_H
#define HEED_KERNELS_ROWS_H

#include "kernels/row.h"
#include "kernels/staging.h"

/* Of a row of n numbers, those of the piece that begins with number i. */
static inline size_t piece_left(size_t n, size_t i)
{
    return n - i < PIECE ? n - i : PIECE;
}

static const float *staged_piece(const struct heed_rows_task *t, const void *x, size_t i,
                                 float *stage)
{
    return staged(t->x_type, heed_after(x, (ptrdiff_t)i, t->x_type), piece_left(t->cols, i), stage);
}

static void exp_row_of(const struct heed_rows_task *t, const void *x, void *y)
{
    float stage[PIECE];

    for (size_t i = 0; i < t->cols; i += PIECE) {
        const size_t n = piece_left(t->cols, i);
        void *at = written(y, (ptrdiff_t)i, t->y_type);
        float *to = stage_for(t->y_type, at, stage);

        exp_row(staged_piece(t, x, i, stage), to, n);
        narrow_row(t->y_type, to, n, at);
    }
}

static float row_max_of(const struct heed_rows_task *t, const void *x, float *stage)
{
    float top = -INFINITY;

    for (size_t i = 0; i < t->cols; i += PIECE) {
        const float max = row_max(staged_piece(t, x, i, stage), piece_left(t->cols, i));

        top = max > top ? max : top;
    }
    return top;
}

/*
 * Weights wait in y for their sum, or in the stage, where only one piece of them has
 * room: longer rows of 16 bits are weighed twice, for y would round them.
 */
static void softmax_row_of(const struct heed_rows_task *t, const void *x, void *y)
{
    const bool again = t->y_type != HEED_F32 && t->cols > PIECE;
    float stage[PIECE], sum = 0.0f;
    const vf max = max_of_weights(row_max_of(t, x, stage));

    for (size_t i = 0; i < t->cols; i += PIECE)
        sum += weigh_piece(staged_piece(t, x, i, stage),
                           stage_for(t->y_type, written(y, (ptrdiff_t)i, t->y_type), stage),
                           piece_left(t->cols, i), max);
    for (size_t i = 0; i < t->cols; i += PIECE) {
        const size_t n = piece_left(t->cols, i);
        void *at = written(y, (ptrdiff_t)i, t->y_type);
        float *w = stage_for(t->y_type, at, stage);

        if (again)
            weigh_piece(staged_piece(t, x, i, stage), w, n, max);
        scale_by(w, w, n, inverse_of_weights(sum));
        narrow_row(t->y_type, w, n, at);
    }
}

static void normalize_row_of(const struct heed_rows_task *t, const void *x, void *y)
{
    float stage[PIECE], sum = 0.0f;

    for (size_t i = 0; i < t->cols; i += PIECE)
        sum += piece_sum(staged_piece(t, x, i, stage), piece_left(t->cols, i));
    for (size_t i = 0; i < t->cols; i += PIECE) {
        const size_t n = piece_left(t->cols, i);
        void *at = written(y, (ptrdiff_t)i, t->y_type);
        float *to = stage_for(t->y_type, at, stage);

        divide_by(staged_piece(t, x, i, stage), to, n, sum);
        narrow_row(t->y_type, to, n, at);
    }
}

/* `in_f32` for each row, as cheap as rows of six numbers need it; `of_any` where a type is another.
 */
INLINE void each_row(const struct heed_rows_task *t,
                     void in_f32(const float *x, float *y, size_t n),
                     void of_any(const struct heed_rows_task *t, const void *x, void *y))
{
    if (t->x_type == HEED_F32 && t->y_type == HEED_F32) {
        const float *x = t->x;
        float *y = t->y;

        for (size_t r = 0; r < t->rows; r++, x += t->x_row, y += t->y_row)
            in_f32(x, y, t->cols);
        return;
    }
    for (size_t r = 0; r < t->rows; r++)
        of_any(t, heed_after(t->x, (ptrdiff_t)r * t->x_row, t->x_type),
               written(t->y, (ptrdiff_t)r * t->y_row, t->y_type));
}

static void exp_rows(const struct heed_rows_task *t)
{
    each_row(t, exp_row, exp_row_of);
}

enum {
    ROWS_TOGETHER = 16,
    NUMBERS_TOGETHER = 2048 /* 16 KiB of x and y, which stay in the first cache */
};

/*
 * A step of some rows before the next of any: the end of a row's maximum, of its sum and
 * of its division take longer than 64 weights, and those of different rows overlap.
 */
static void softmax_together(const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row,
                             size_t rows, size_t cols)
{
    float top[ROWS_TOGETHER], sum[ROWS_TOGETHER];

    for (size_t r = 0; r < rows; r++)
        top[r] = row_max(x + (ptrdiff_t)r * x_row, cols);
    for (size_t r = 0; r < rows; r++)
        sum[r] = weigh_pieces(x + (ptrdiff_t)r * x_row, y + (ptrdiff_t)r * y_row, cols,
                              max_of_weights(top[r]));
    for (size_t r = 0; r < rows; r++) {
        float *const row = y + (ptrdiff_t)r * y_row;

        scale_by(row, row, cols, inverse_of_weights(sum[r]));
    }
}

static void softmax_in_f32(const struct heed_rows_task *t)
{
    const size_t fit = NUMBERS_TOGETHER / t->cols;
    const size_t most = fit < 1 ? 1 : fit < ROWS_TOGETHER ? fit : ROWS_TOGETHER;

    for (size_t r = 0; r < t->rows; r += most)
        softmax_together((const float *)t->x + (ptrdiff_t)r * t->x_row, t->x_row,
                         (float *)t->y + (ptrdiff_t)r * t->y_row, t->y_row,
                         t->rows - r < most ? t->rows - r : most, t->cols);
}

static void softmax_rows(const struct heed_rows_task *t)
{
    if (t->x_type == HEED_F32 && t->y_type == HEED_F32)
        softmax_in_f32(t);
    else
        each_row(t, NULL, softmax_row_of);
}

static void normalize_rows(const struct heed_rows_task *t)
{
    each_row(t, normalize_row, normalize_row_of);
}

#endif
