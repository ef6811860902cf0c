/* SPDX-License-Identifier: MIT */
/* convert.h - numbers of any type from and to memory; arithmetic is in f32. */
#ifndef HEED_KERNELS_CONVERT_H
#define HEED_KERNELS_CONVERT_H

#include "dtype.h"
#include "kernels/compiler.h"

INLINE vf load_as(heed_dtype type, const void *x, size_t n)
{
    if (type == HEED_F16)
        return vf_load_f16_upto(x, n);
    return type == HEED_BF16 ? vf_load_bf16_upto(x, n) : vf_load_upto(x, n);
}

INLINE void store_as(heed_dtype type, void *x, vf a, size_t n)
{
    if (type == HEED_F16)
        vf_store_f16_upto(x, a, n);
    else if (type == HEED_BF16)
        vf_store_bf16_upto(x, a, n);
    else
        vf_store_upto(x, a, n);
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
    if (type == HEED_F16)
        widen_as(HEED_F16, x, n, y);
    else if (type == HEED_BF16)
        widen_as(HEED_BF16, x, n, y);
    else
        memcpy(y, x, n * sizeof *y);
}

/* An address that is written. */
static inline void *written(void *x, ptrdiff_t elements, heed_dtype type)
{
    return (char *)x + elements * (ptrdiff_t)heed_size(type);
}

#endif
