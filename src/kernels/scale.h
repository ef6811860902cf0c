/* SPDX-License-Identifier: MIT */
/* scale.h - rows of sums, multiplied by a number. */
#ifndef HEED_KERNELS_SCALE_H
#define HEED_KERNELS_SCALE_H

#include <float.h>

#include "kernels/convert.h"

INLINE void scale_row(float *x, size_t n, vf by)
{
    for (size_t i = 0; i < n; i += VF_LANES)
        vf_store(x + i, vf_mul(vf_load(x + i), by));
}

/*
 * The same for sums that a matrix unit adds to, without denormals.  The unit would flush
 * one in the next block that it is given, even if this row sees nothing there; and whether
 * it is given that block depends on the other rows.
 */
static void scale_row_of_unit(float *x, size_t n, vf by)
{
    for (size_t i = 0; i < n; i += VF_LANES) {
        const vf y = vf_mul(vf_load(x + i), by), size = vf_max(y, vf_sub(vf_zero(), y));

        vf_store(x + i, vf_zero_if_lt(y, size, vf_set1(FLT_MIN)));
    }
}

#endif
