/* SPDX-License-Identifier: MIT */
/*
 * panels.h - what scores, weighted sums and linear have in common.
 *
 * A panel of keys or values stands on the stack, 4 KiB, and serves all rows; the
 * chains of FMAs continue from panel to panel in the output, so that no memory is
 * needed whatever the sizes.  The last columns go through a tile of their own.
 *
 * An output of 16 bits would round the chains.  There the sums of some rows stand on
 * the stack as well, until they end, and the panels are made again for the next rows;
 * these, and those whose rows of the other factor must be widened, have fewer rows, so
 * that all of it stays below 8 KiB.
 */
#ifndef HEED_KERNELS_PANELS_H
#define HEED_KERNELS_PANELS_H

#include "kernels/pack.h"

enum {
    PANEL = 1024,                   /* numbers */
    PANEL_ROWS = PANEL / TILE_COLS, /* dims of a panel of keys, keys of a panel of values */
    /* Whole vectors of dims, for a transpose costs the same for fewer. */
    SHORT_DIMS = PANEL_ROWS < 32 ? PANEL_ROWS : 32,
    SHORT_KEYS = PANEL_ROWS < 64 ? PANEL_ROWS / 2 : 32,
    /* Whole tiles of rows, 3 KiB of sums. */
    SUM_ROWS = PANEL_ROWS * 3 / 4 / TILE_ROWS * TILE_ROWS
};

static inline size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Copies `cols` columns of rows of numbers; load_n and store_n keep to them. */
static void copy_cols(const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row, size_t rows,
                      size_t cols)
{
    for (size_t r = 0; r < rows; r++, x += x_row, y += y_row)
        for (size_t c = 0; c < cols; c += VF_LANES)
            vf_store_upto(y + c, vf_load_upto(x + c, cols - c), cols - c);
}

#endif
