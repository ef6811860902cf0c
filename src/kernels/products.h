/* SPDX-License-Identifier: MIT */
/*
 * products.h - scores, weighted sums and linear as operations of their own.
 *
 * A panel of keys or values stands on the stack, 4 KiB, and serves all rows; the
 * chains of FMAs continue from panel to panel in the output, so that no memory is
 * needed whatever the sizes.  The last columns go through a tile of their own.
 */
#ifndef HEED_KERNELS_PRODUCTS_H
#define HEED_KERNELS_PRODUCTS_H

#include "kernels/pack.h"

enum {
    PANEL = 1024,                  /* numbers */
    PANEL_ROWS = PANEL / TILE_COLS /* dims of a panel of keys, keys of a panel of values */
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

static void score_panel(const struct heed_scores_task *t, const float *panel, size_t keys,
                        size_t row, size_t d, size_t dims, float *y, ptrdiff_t y_row, size_t rows)
{
    const float *q[TILE_ROWS];

    for (size_t r = 0; r < rows; r++)
        q[r] = t->q + (ptrdiff_t)(row + r) * t->q_row + d;
    scores_of_rows(q, dims, panel, keys, y, y_row, d > 0, nothing_ahead(panel), rows);
}

static void score_rows(const struct heed_scores_task *t, const float *panel, size_t key,
                       size_t keys, size_t d, size_t dims)
{
    float tile[TILE_ROWS * TILE_COLS] = {0};

    for (size_t row = 0; row < t->rows; row += TILE_ROWS) {
        const size_t rows = least(t->rows - row, TILE_ROWS);
        float *s = t->s + (ptrdiff_t)row * t->s_row + key;

        if (keys == TILE_COLS) {
            score_panel(t, panel, keys, row, d, dims, s, t->s_row, rows);
            continue;
        }
        if (d > 0)
            copy_cols(s, t->s_row, tile, TILE_COLS, rows, keys);
        score_panel(t, panel, keys, row, d, dims, tile, TILE_COLS, rows);
        copy_cols(tile, TILE_COLS, s, t->s_row, rows, keys);
    }
}

static void scale_cols(const struct heed_scores_task *t, size_t key, size_t keys)
{
    const vf scale = vf_set1(t->scale);

    for (size_t row = 0; row < t->rows; row++) {
        float *s = t->s + (ptrdiff_t)row * t->s_row + key;

        for (size_t j = 0; j < keys; j += VF_LANES)
            vf_store_upto(s + j, vf_mul(vf_load_upto(s + j, keys - j), scale), keys - j);
    }
}

static void scores(const struct heed_scores_task *t)
{
    float panel[PANEL];

    for (size_t key = 0; key < t->keys; key += TILE_COLS) {
        const size_t keys = least(t->keys - key, TILE_COLS);
        const float *k = t->k + (ptrdiff_t)key * t->k_row;
        size_t d = 0;

        do { /* once even for no dims: their scores are 0 */
            const size_t dims = least(t->qk_dim - d, PANEL_ROWS);

            pack_panel(k + d, t->k_row, keys, dims, panel);
            score_rows(t, panel, key, keys, d, dims);
            d += dims;
        } while (d < t->qk_dim);
        if (t->scale != 1.0f)
            scale_cols(t, key, keys);
    }
}

/* Adds keys [key, key + keys) to the columns [d, d + dims) of all rows. */
static void sum_rows(const struct heed_weighted_sum_task *t, const float *panel, size_t key,
                     size_t keys, size_t d, size_t dims)
{
    const bool more = key > 0 || t->b;
    float tile[TILE_ROWS * TILE_COLS];

    for (size_t row = 0; row < t->rows; row += TILE_ROWS) {
        const size_t rows = least(t->rows - row, TILE_ROWS);
        const float *w = t->w + (ptrdiff_t)row * t->w_row + key;
        float *o = t->o + (ptrdiff_t)row * t->o_row + d;

        if (key == 0 && t->b)
            copy_cols(t->b + d, 0, o, t->o_row, rows, dims);
        if (dims == TILE_COLS) {
            values_of_rows(w, t->w_row, keys, panel, TILE_COLS, nothing_ahead(panel), o, t->o_row,
                           TILE_VECS, more, rows);
            continue;
        }
        if (more)
            copy_cols(o, t->o_row, tile, TILE_COLS, rows, dims);
        values_of_rows(w, t->w_row, keys, panel, TILE_COLS, nothing_ahead(panel), tile, TILE_COLS,
                       heed_pad(dims, VF_LANES) / VF_LANES, more, rows);
        copy_cols(tile, TILE_COLS, o, t->o_row, rows, dims);
    }
}

static void weighted_sum(const struct heed_weighted_sum_task *t)
{
    float panel[PANEL];

    for (size_t d = 0; d < t->v_dim; d += TILE_COLS) {
        const size_t dims = least(t->v_dim - d, TILE_COLS);
        size_t key = 0;

        do { /* once even for no keys: their sum is 0, or b */
            const size_t keys = least(t->keys - key, PANEL_ROWS);

            copy_rows(HEED_F32, t->v + (ptrdiff_t)key * t->v_row + d, t->v_row, keys, dims, panel,
                      TILE_COLS);
            sum_rows(t, panel, key, keys, d, dims);
            key += keys;
        } while (key < t->keys);
    }
}

#endif
