/* SPDX-License-Identifier: MIT */
/*
 * quantize.h - rows of numbers to 8 bits and a scale, and back.
 *
 * Every step is one that all instruction sets round alike: largest magnitudes, divisions,
 * and the conversion of quotients.  So a row has the same bits on each of them.
 */
#ifndef HEED_KERNELS_QUANTIZE_H
#define HEED_KERNELS_QUANTIZE_H

#include <math.h>

#include "kernels/convert.h"

/*
 * Rows of less than this are taken for zeros.  So quotients of denormal numbers are below
 * 2^-126 / (2^-100 / 448) < 2^-17, and round to zero like those of zero: it does not matter
 * whether denormals are flushed.
 */
#define LEAST_QUANTIZED 0x1p-100f

/* The largest magnitude of a row; NaN if not all of it is finite. */
INLINE float row_magnitude(heed_dtype type, const void *x, size_t n)
{
    vf top = vf_zero(), zeros = vf_zero();

    for (size_t d = 0; d < n; d += VF_LANES) {
        const vf a = load_as(type, heed_after(x, (ptrdiff_t)d, type), n - d);

        top = vf_max(top, vf_max(a, vf_sub(vf_zero(), a)));
        zeros = vf_fma(a, vf_zero(), zeros); /* 0 unless a is infinite or NaN */
    }
    return vf_reduce_add(zeros) == 0.0f ? vf_reduce_max(top) : NAN;
}

INLINE void divide_row(heed_dtype x_type, const void *x, float scale, size_t n, heed_dtype y_type,
                       void *y)
{
    const vf by = vf_set1(scale);

    for (size_t d = 0; d < n; d += VF_LANES) {
        const ptrdiff_t at = (ptrdiff_t)d;

        store_as(y_type, written(y, at, y_type),
                 vf_div(load_as(x_type, heed_after(x, at, x_type), n - d), by), n - d);
    }
}

/* The scale of a row: 0 or NaN where all of its numbers become zeros. */
INLINE float scale_of_row(heed_dtype x_type, const void *x, size_t n, heed_dtype y_type)
{
    const float top = row_magnitude(x_type, x, n);

    if (top >= LEAST_QUANTIZED)
        return top / (y_type == HEED_I8 ? VF_MOST_I8 : VF_MOST_F8);
    return top < LEAST_QUANTIZED ? 0.0f : top;
}

/* Numbers of a row by its scale. */
INLINE void quantize_row(heed_dtype x_type, const void *x, float scale, size_t n, heed_dtype y_type,
                         void *y)
{
    if (scale > 0.0f)
        divide_row(x_type, x, scale, n, y_type, y);
    else
        memset(y, 0, n);
}

INLINE void quantize_as(heed_dtype x_type, heed_dtype y_type, const struct heed_quantize_task *t)
{
    for (size_t r = 0; r < t->rows; r++) {
        const ptrdiff_t row = (ptrdiff_t)r;
        const void *x = heed_after(t->x, row * t->x_row, x_type);
        const float scale = scale_of_row(x_type, x, t->dim, y_type);

        quantize_row(x_type, x, scale, t->dim, y_type, written(t->y, row * t->y_row, y_type));
        t->scales[row * t->scales_row] = scale;
    }
}

static void quantize(const struct heed_quantize_task *t)
{
#define CALL(T)                                                                                    \
    do {                                                                                           \
        if (t->y_type == HEED_I8)                                                                  \
            quantize_as(T, HEED_I8, t);                                                            \
        else                                                                                       \
            quantize_as(T, HEED_F8, t);                                                            \
    } while (0)
    if (t->x_type == HEED_F16)
        CALL(HEED_F16);
    else if (t->x_type == HEED_BF16)
        CALL(HEED_BF16);
    else
        CALL(HEED_F32);
#undef CALL
}

INLINE void dequantize_as(heed_dtype x_type, const struct heed_quantize_task *t)
{
    for (size_t r = 0; r < t->rows; r++) {
        const ptrdiff_t row = (ptrdiff_t)r;
        const void *x = heed_after(t->x, row * t->x_row, x_type);
        void *y = written(t->y, row * t->y_row, t->y_type);
        const vf scale = vf_set1(t->scales ? t->scales[row * t->scales_row] : 1.0f);

        for (size_t d = 0; d < t->dim; d += VF_LANES) {
            const ptrdiff_t at = (ptrdiff_t)d;

            store_as(t->y_type, written(y, at, t->y_type),
                     vf_mul(vf_mul(load_as(x_type, heed_after(x, at, x_type), t->dim - d),
                                   vf_set1(loaded_times(x_type))),
                            scale),
                     t->dim - d);
        }
    }
}

static void dequantize(const struct heed_quantize_task *t)
{
    if (t->x_type == HEED_I8)
        dequantize_as(HEED_I8, t);
    else
        dequantize_as(HEED_F8, t);
}

#endif
