/* SPDX-License-Identifier: MIT */
/*
 * split.h - numbers taken apart into bf16 (parts.h), and those that a unit cannot take.
 *
 * Each part is what is left, rounded to nearest even; what that leaves is exact.
 */
#ifndef HEED_KERNELS_SPLIT_H
#define HEED_KERNELS_SPLIT_H

#include <float.h>

#include "kernels/convert.h"

/* Numbers that a unit multiplies exactly: 0, and magnitudes of [least, end). */
struct range {
    float least, end;
};

/* Where the parts of numbers go. */
struct split {
    uint16_t *to;
    size_t step, parts; /* from part to part, and how many of them */
};

/* 0 for each lane that is in range. */
INLINE vf out_of_range(vf x, const struct range *range)
{
    const vf size = vf_max(x, vf_sub(vf_zero(), x));
    const vf large = vf_zero_if_lt(size, size, vf_set1(range->end));
    const vf not_small = vf_zero_if_lt(size, size, vf_set1(range->least));

    return vf_add(large, vf_sub(size, not_small));
}

INLINE void split_vector(vf x, const struct split *split, size_t at)
{
    for (size_t p = 0; p < split->parts; p++) {
        const vf part = vf_nearest_bf16(x);

        vf_store_bf16(split->to + p * split->step + at, part);
        x = vf_sub(x, part);
    }
}

/* Every step-th vector of n numbers; lanes that are not 0 are of numbers out of range. */
INLINE vf split_as(heed_dtype type, const void *x, size_t n, size_t step, const struct range *range,
                   const struct split *split)
{
    vf far = vf_zero();

    for (size_t i = 0; i < n; i += step) {
        const vf number = load_as(type, heed_after(x, (ptrdiff_t)i, type), n - i);

        far = vf_add(far, out_of_range(number, range));
        split_vector(number, split, i);
    }
    return far;
}

static vf split_of(heed_dtype type, const void *x, size_t n, size_t step, const struct range *range,
                   const struct split *split)
{
#define CALL(T) return split_as(T, x, n, step, range, split)
    if (type == HEED_F32)
        CALL(HEED_F32);
    FOR_SHORT_TYPE(type, CALL)
#undef CALL
}

/* A row of n numbers, and room for a whole number of vectors of its parts.  Is one out of range? */
static bool split_row(heed_dtype type, const void *x, size_t n, const struct range *range,
                      const struct split *split)
{
    return !vf_all_within(split_of(type, x, n, VF_LANES, range, split), vf_zero(), vf_zero());
}

/* A panel [dim][TILE_COLS]; marks the columns of which a number is out of range. */
static void split_panel(heed_dtype type, const void *x, size_t dim, const struct range *range,
                        const struct split *split, unsigned char far[TILE_COLS])
{
    float lane[VF_LANES];

    for (size_t c = 0; c < TILE_COLS; c += VF_LANES) {
        const struct split part = {split->to + c, split->step, split->parts};

        vf_store(lane, split_of(type, heed_after(x, (ptrdiff_t)c, type),
                                dim ? dim * TILE_COLS - c : 0, TILE_COLS, range, &part));
        for (size_t i = 0; i < VF_LANES; i++)
            far[c + i] = lane[i] != 0.0f;
    }
}

#endif
