/* SPDX-License-Identifier: MIT */
/* staging.h - rows of any type on their way through f32 on the stack. */
#ifndef HEED_KERNELS_STAGING_H
#define HEED_KERNELS_STAGING_H

#include "kernels/convert.h"

/* A row of n numbers in f32: where it stands, or widened into the stage. */
static const float *staged(heed_dtype type, const void *x, size_t n, float *stage)
{
    if (type == HEED_F32)
        return x;
    widen_row(type, x, n, stage);
    return stage;
}

/* Where a row is computed in f32: where it belongs, or in the stage until narrow_row(). */
static float *stage_for(heed_dtype type, void *y, float *stage)
{
    return type == HEED_F32 ? y : stage;
}

INLINE void narrow_as(heed_dtype type, const float *x, size_t n, void *y)
{
    const size_t whole = n / VF_LANES * VF_LANES, size = heed_size(type);

    for (size_t i = 0; i < whole; i += VF_LANES)
        store_as(type, (char *)y + i * size, vf_load(x + i), VF_LANES);
    if (whole < n)
        store_as(type, (char *)y + whole * size, vf_load_n(x + whole, n - whole), n - whole);
}

/* y[i] = x[i], rounded, for a row of n numbers; x may be y where that is f32. */
static void narrow_row(heed_dtype type, const float *x, size_t n, void *y)
{
    if (type == HEED_F16)
        narrow_as(HEED_F16, x, n, y);
    else if (type == HEED_BF16)
        narrow_as(HEED_BF16, x, n, y);
    else if (x != y)
        memcpy(y, x, n * sizeof *x);
}

#endif
