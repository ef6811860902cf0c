/* SPDX-License-Identifier: MIT */
/* convert.h - numbers of any type from and to memory; arithmetic is in f32. */
#ifndef HEED_KERNELS_CONVERT_H
#define HEED_KERNELS_CONVERT_H

#include "dtype.h"
#include "kernels/compiler.h"

/* CALL(T) with T the type, none of them f32, as a constant: loops over numbers must not ask for it.
 */
#define FOR_SHORT_TYPE(type, CALL)                                                                 \
    switch (type) {                                                                                \
    case HEED_F16:                                                                                 \
        CALL(HEED_F16);                                                                            \
        break;                                                                                     \
    case HEED_BF16:                                                                                \
        CALL(HEED_BF16);                                                                           \
        break;                                                                                     \
    case HEED_I8:                                                                                  \
        CALL(HEED_I8);                                                                             \
        break;                                                                                     \
    default:                                                                                       \
        CALL(HEED_F8);                                                                             \
    }

/* Numbers of 8 bits without their scale, and f8 as 256ths. */
INLINE vf load_as(heed_dtype type, const void *x, size_t n)
{
    switch (type) {
    case HEED_F16:
        return vf_load_f16_upto(x, n);
    case HEED_BF16:
        return vf_load_bf16_upto(x, n);
    case HEED_I8:
        return vf_load_i8_upto(x, n);
    case HEED_F8:
        return vf_load_f8_upto(x, n);
    default:
        return vf_load_upto(x, n);
    }
}

/*
 * A whole vector.  No f8 is NaN: to ask that of many together costs a tenth of what it costs
 * to make NaN of each that is.
 */
INLINE vf load_finite(heed_dtype type, const void *x)
{
    return type == HEED_F8 ? vf_load_f8_finite(x) : load_as(type, x, VF_LANES);
}

/* What is loaded, times this, is the number. */
INLINE float loaded_times(heed_dtype type)
{
    return type == HEED_F8 ? VF_F8_LOADED : 1.0f;
}

/* Rows of f8 without a NaN, or of another type. */
static bool rows_finite(heed_dtype type, const void *x, ptrdiff_t x_row, size_t rows, size_t n)
{
    if (type != HEED_F8)
        return true;
    if (x_row == (ptrdiff_t)n) {
        n *= rows;
        rows = 1;
    }
    for (size_t r = 0; r < rows; r++)
        if (!f8_all_finite(heed_after(x, (ptrdiff_t)r * x_row, type), n))
            return false;
    return true;
}

INLINE void store_as(heed_dtype type, void *x, vf a, size_t n)
{
    switch (type) {
    case HEED_F16:
        vf_store_f16_upto(x, a, n);
        break;
    case HEED_BF16:
        vf_store_bf16_upto(x, a, n);
        break;
    case HEED_I8:
        vf_store_i8_upto(x, a, n);
        break;
    case HEED_F8:
        vf_store_f8_upto(x, a, n);
        break;
    default:
        vf_store_upto(x, a, n);
    }
}

INLINE void widen_as(heed_dtype type, const void *x, size_t n, float *y)
{
    const size_t whole = n / VF_LANES * VF_LANES, size = heed_size(type);

    for (size_t i = 0; i < whole; i += VF_LANES)
        vf_store(y + i, load_as(type, (const char *)x + i * size, VF_LANES));
    if (whole < n)
        vf_store_n(y + whole, load_as(type, (const char *)x + whole * size, n - whole), n - whole);
}

/* y[i] = x[i] for a row of n numbers. */
static void widen_row(heed_dtype type, const void *x, size_t n, float *y)
{
    if (type == HEED_F32) {
        memcpy(y, x, n * sizeof *y);
        return;
    }
#define CALL(T) widen_as(T, x, n, y)
    FOR_SHORT_TYPE(type, CALL)
#undef CALL
}

/* An address that is written. */
static inline void *written(void *x, ptrdiff_t elements, heed_dtype type)
{
    return (char *)x + elements * (ptrdiff_t)heed_size(type);
}

#endif
