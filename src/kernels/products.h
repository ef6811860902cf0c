/* SPDX-License-Identifier: MIT */
/* products.h - weighted sums and linear as operations of their own; scores.h has the scores. */
#ifndef HEED_KERNELS_PRODUCTS_H
#define HEED_KERNELS_PRODUCTS_H

#include "kernels/scores.h"

/* The columns [d, d + dims) of values [key, key + keys). */
struct value_panel {
    size_t key, keys, d, dims;
    float *at;
};

INLINE void make_value_panel(const struct heed_weighted_sum_task *t, const struct value_panel *p)
{
    const ptrdiff_t at = (ptrdiff_t)p->key * t->v_row + (ptrdiff_t)p->d;

    const void *v = heed_after(t->v, at, t->v_type);

    if (t->v_type == HEED_F32)
        copy_rows_as(HEED_F32, v, t->v_row, p->keys, p->dims, p->at, TILE_COLS);
    else
        copy_rows(t->v_type, v, t->v_row, p->keys, p->dims, p->at, TILE_COLS);
}

/* Adds the panel, by the weights of some rows, to `vectors` of each row of o. */
INLINE void sum_panel(const struct heed_weighted_sum_task *t, const struct value_panel *p,
                      size_t row, size_t rows, float *o, ptrdiff_t o_row, size_t vectors)
{
    float stage[TILE_ROWS * SHORT_KEYS];
    const void *w = heed_after(t->w, (ptrdiff_t)row * t->w_row + (ptrdiff_t)p->key, t->w_type);
    ptrdiff_t w_row = t->w_row;

    if (t->w_type != HEED_F32) {
        for (size_t r = 0; r < rows; r++)
            widen_row(t->w_type, heed_after(w, (ptrdiff_t)r * w_row, t->w_type), p->keys,
                      stage + r * SHORT_KEYS);
        w = stage;
        w_row = SHORT_KEYS;
    }
    values_of_rows(w, w_row, p->keys, p->at, TILE_COLS, NULL, o, o_row, vectors, p->key > 0 || t->b,
                   rows);
}

/* Adds a panel to its columns of all rows. */
INLINE void sum_rows(const struct heed_weighted_sum_task *t, const struct value_panel *p)
{
    float tile[TILE_ROWS * TILE_COLS], b_stage[TILE_COLS], *const first = t->o;
    const float *b = NULL;

    if (p->key == 0 && t->b)
        b = staged(t->b_type, heed_after(t->b, (ptrdiff_t)p->d, t->b_type), p->dims, b_stage);
    for (size_t row = 0; row < t->rows; row += TILE_ROWS) {
        const size_t rows = least(t->rows - row, TILE_ROWS);
        float *o = first + (ptrdiff_t)row * t->o_row + p->d;

        if (b)
            copy_cols(b, 0, o, t->o_row, rows, p->dims);
        if (p->dims == TILE_COLS) {
            sum_panel(t, p, row, rows, o, t->o_row, TILE_VECS);
            continue;
        }
        if (p->key > 0 || t->b)
            copy_cols(o, t->o_row, tile, TILE_COLS, rows, p->dims);
        sum_panel(t, p, row, rows, tile, TILE_COLS, heed_pad(p->dims, VF_LANES) / VF_LANES);
        copy_cols(tile, TILE_COLS, o, t->o_row, rows, p->dims);
    }
}

static void sum_in_f32(const struct heed_weighted_sum_task *t)
{
    const size_t most = t->w_type == HEED_F32 ? PANEL_ROWS : SHORT_KEYS;
    float panel[PANEL];

    for (size_t d = 0; d < t->v_dim; d += TILE_COLS) {
        struct value_panel p = {.d = d, .dims = least(t->v_dim - d, TILE_COLS), .at = panel};

        do { /* once even for no keys: their sum is 0, or b */
            p.keys = least(t->keys - p.key, most);
            make_value_panel(t, &p);
            sum_rows(t, &p);
            p.key += p.keys;
        } while (p.key < t->keys);
    }
}

/* Results of 16 bits: the columns from d on of some rows. */
static void sum_rounded(const struct heed_weighted_sum_task *t, size_t d, size_t row, size_t rows)
{
    float panel[SHORT_KEYS * TILE_COLS], sums[SUM_ROWS * TILE_COLS];
    struct value_panel p = {.d = d, .dims = least(t->v_dim - d, TILE_COLS), .at = panel};

    if (t->b)
        copy_rows(t->b_type, heed_after(t->b, (ptrdiff_t)d, t->b_type), 0, rows, p.dims, sums,
                  TILE_COLS);
    do {
        p.keys = least(t->keys - p.key, SHORT_KEYS);
        make_value_panel(t, &p);
        for (size_t r = 0; r < rows; r += TILE_ROWS)
            sum_panel(t, &p, row + r, least(rows - r, TILE_ROWS), sums + r * TILE_COLS, TILE_COLS,
                      heed_pad(p.dims, VF_LANES) / VF_LANES);
        p.key += p.keys;
    } while (p.key < t->keys);
    for (size_t r = 0; r < rows; r++)
        narrow_row(t->o_type, sums + r * TILE_COLS, p.dims,
                   written(t->o, (ptrdiff_t)(row + r) * t->o_row + (ptrdiff_t)d, t->o_type));
}

static void weighted_sum(const struct heed_weighted_sum_task *t)
{
    if (t->o_type == HEED_F32) {
        sum_in_f32(t);
        return;
    }
    for (size_t d = 0; d < t->v_dim; d += TILE_COLS)
        for (size_t row = 0; row < t->rows; row += SUM_ROWS)
            sum_rounded(t, d, row, least(t->rows - row, SUM_ROWS));
}

#endif
