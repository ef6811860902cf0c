/* SPDX-License-Identifier: MIT */
/* pack.h - keys transposed into panels, values padded to whole vectors. */
#ifndef HEED_KERNELS_PACK_H
#define HEED_KERNELS_PACK_H

#include "kernels/convert.h"
#include "scratch.h"

/* panel[d][lane] for up to VF_LANES keys, rows of the panel TILE_COLS apart; missing keys are 0. */
INLINE void pack_lanes(const float *k, ptrdiff_t k_row, size_t keys, size_t dim, float *panel)
{
    for (size_t d = 0; d < dim; d += VF_LANES) {
        const size_t dims = dim - d < VF_LANES ? dim - d : VF_LANES;
        vf row[VF_LANES];

        for (size_t j = 0; j < VF_LANES; j++)
            row[j] = j < keys ? vf_load_upto(k + (ptrdiff_t)j * k_row + d, dims) : vf_zero();
        vf_transpose(row);
        for (size_t i = 0; i < dims; i++)
            vf_store(panel + (d + i) * TILE_COLS, row[i]);
    }
}

/* The same for whole vectors, the case that has to be fast. */
INLINE void pack_whole_lanes(const float *k, ptrdiff_t k_row, size_t dim, float *panel)
{
    for (size_t d = 0; d < dim; d += VF_LANES) {
        vf row[VF_LANES];

        vf_load_across(k + d, k_row, row);
        for (size_t i = 0; i < VF_LANES; i++)
            vf_store(panel + (d + i) * TILE_COLS, row[i]);
    }
}

/* One panel [dim][TILE_COLS] of up to TILE_COLS keys. */
static void pack_panel(const float *k, ptrdiff_t k_row, size_t keys, size_t dim, float *panel)
{
    for (size_t c = 0; c < TILE_COLS; c += VF_LANES, panel += VF_LANES, k += VF_LANES * k_row) {
        if (c + VF_LANES <= keys && dim % VF_LANES == 0)
            pack_whole_lanes(k, k_row, dim, panel);
        else
            pack_lanes(k, k_row, c < keys ? keys - c : 0, dim, panel);
    }
}

/* Keys into the panels of a packed K.  The rows of a panel that has begun go one by one. */
static void pack(const struct heed_pack_task *t)
{
    const float *k = t->k;

    for (size_t row = t->first_row, left = t->rows; left;) {
        const size_t lane = row % TILE_COLS, room = TILE_COLS - lane;
        const size_t keys = left < room ? left : room;
        float *panel = t->panels + (row - lane) * t->qk_dim;

        if (lane == 0)
            pack_panel(k, t->k_row, keys, t->qk_dim, panel);
        else
            for (size_t j = 0; j < keys; j++)
                for (size_t d = 0; d < t->qk_dim; d++)
                    panel[d * TILE_COLS + lane + j] = k[(ptrdiff_t)j * t->k_row + (ptrdiff_t)d];
        k += (ptrdiff_t)keys * t->k_row;
        row += keys;
        left -= keys;
    }
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
    if (type == HEED_F16)
        copy_rows_as(HEED_F16, x, x_row, rows, dim, y, pad);
    else if (type == HEED_BF16)
        copy_rows_as(HEED_BF16, x, x_row, rows, dim, y, pad);
    else
        copy_rows_as(HEED_F32, x, x_row, rows, dim, y, pad);
}

#endif
