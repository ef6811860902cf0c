/* SPDX-License-Identifier: MIT */
/* pack.h - keys transposed into panels, values padded to whole vectors. */
#ifndef HEED_KERNELS_PACK_H
#define HEED_KERNELS_PACK_H

#include "kernels/key_bits.h"
#include "kernels/staging.h"
#include "scratch.h"

/*
 * panel[d][lane] for VF_LANES keys, rows of the panel TILE_COLS apart; keys whose bit is not set
 * are not read, and 0.
 */
INLINE void pack_lanes(heed_dtype type, const void *k, ptrdiff_t k_row, uint64_t keys, size_t dim,
                       float *panel)
{
    for (size_t d = 0; d < dim; d += VF_LANES) {
        const size_t dims = dim - d < VF_LANES ? dim - d : VF_LANES;
        const void *key = heed_after(k, (ptrdiff_t)d, type);
        vf row[VF_LANES];

        for (size_t j = 0; j < VF_LANES; j++)
            row[j] = keys >> j & 1
                         ? load_as(type, heed_after(key, (ptrdiff_t)j * k_row, type), dims)
                         : vf_zero();
        vf_transpose(row);
        for (size_t i = 0; i < dims; i++)
            vf_store(panel + (d + i) * TILE_COLS, row[i]);
    }
}

/* The same for whole vectors of f32, the case that has to be fast. */
INLINE void pack_whole_lanes(const float *k, ptrdiff_t k_row, size_t dim, float *panel)
{
    for (size_t d = 0; d < dim; d += VF_LANES) {
        vf row[VF_LANES];

        vf_load_across(k + d, k_row, row);
        for (size_t i = 0; i < VF_LANES; i++)
            vf_store(panel + (d + i) * TILE_COLS, row[i]);
    }
}

/*
 * One panel [dim][TILE_COLS] of those keys whose bits are set, of which `cols` and those beside
 * are made.
 */
static void pack_panel(const float *k, ptrdiff_t k_row, uint64_t keys, size_t dim, float *panel,
                       size_t cols)
{
    const bool whole = all_bits(keys, 0, heed_pad(cols, VF_LANES));

    for (size_t c = 0; c < cols; c += VF_LANES, panel += VF_LANES, k += VF_LANES * k_row) {
        if ((whole || all_bits(keys, c, VF_LANES)) && dim % VF_LANES == 0)
            pack_whole_lanes(k, k_row, dim, panel);
        else
            pack_lanes(HEED_F32, k, k_row, keys >> c, dim, panel);
    }
}

INLINE void pack_panel_as(heed_dtype type, const void *k, ptrdiff_t k_row, uint64_t keys,
                          size_t dim, float *panel)
{
    for (size_t c = 0; c < TILE_COLS; c += VF_LANES)
        pack_lanes(type, heed_after(k, (ptrdiff_t)c * k_row, type), k_row, keys >> c, dim,
                   panel + c);
}

/* The same of keys of any type. */
static void pack_panel_of(heed_dtype type, const void *k, ptrdiff_t k_row, uint64_t keys,
                          size_t dim, float *panel)
{
    if (type == HEED_F16)
        pack_panel_as(HEED_F16, k, k_row, keys, dim, panel);
    else if (type == HEED_BF16)
        pack_panel_as(HEED_BF16, k, k_row, keys, dim, panel);
    else
        pack_panel(k, k_row, keys, dim, panel, TILE_COLS);
}

INLINE void copy_rows_as(heed_dtype type, const void *x, ptrdiff_t x_row, size_t rows, size_t dim,
                         float *y, size_t pad)
{
    for (size_t r = 0; r < rows; r++, y += pad) {
        const char *row = heed_after(x, (ptrdiff_t)r * x_row, type);

        for (size_t d = 0; d < dim; d += VF_LANES)
            vf_store(y + d, load_as(type, row + d * heed_size(type), dim - d));
        for (size_t d = heed_pad(dim, VF_LANES); d < pad; d += VF_LANES)
            vf_store(y + d, vf_zero());
    }
}

/* Rows of `dim` numbers, copied so that each fills `pad` of them, the rest 0. */
static void copy_rows(heed_dtype type, const void *x, ptrdiff_t x_row, size_t rows, size_t dim,
                      float *y, size_t pad)
{
#define CALL(T) copy_rows_as(T, x, x_row, rows, dim, y, pad)
    if (type == HEED_F32)
        CALL(HEED_F32);
    else
        FOR_SHORT_TYPE(type, CALL)
#undef CALL
}

#endif
