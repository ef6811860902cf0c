/* SPDX-License-Identifier: MIT */
/* scores.h - scores as an operation of their own. */
#ifndef HEED_KERNELS_SCORES_H
#define HEED_KERNELS_SCORES_H

#include "kernels/panels.h"
#include "kernels/row.h"

/* The dims [d, d + dims) of keys [key, key + keys), transposed. */
struct key_panel {
    size_t key, keys, d, dims;
    float *at;
};

static void make_key_panel(const struct heed_scores_task *t, const struct key_panel *p)
{
    const ptrdiff_t at = (ptrdiff_t)p->key * t->k_row + (ptrdiff_t)p->d;

    pack_panel_of(t->k_type, heed_after(t->k, at, t->k_type), t->k_row, heed_bits_below(p->keys),
                  p->dims, p->at);
}

INLINE void score_panel(const struct heed_scores_task *t, const struct key_panel *p, size_t row,
                        float *y, ptrdiff_t y_row, size_t rows)
{
    float stage[TILE_ROWS * SHORT_DIMS];
    const float *q[TILE_ROWS];

    for (size_t r = 0; r < rows; r++) {
        const ptrdiff_t at = (ptrdiff_t)(row + r) * t->q_row + (ptrdiff_t)p->d;

        q[r] = staged(t->q_type, heed_after(t->q, at, t->q_type), p->dims, stage + r * SHORT_DIMS);
    }
    scores_of_rows(q, p->dims, p->at, p->keys, y, y_row, p->d > 0, NULL, rows);
}

/* Scales what is still in the first cache, where these were the last dims. */
static void scale_rows(const struct heed_scores_task *t, const struct key_panel *p, float *s,
                       ptrdiff_t s_row, size_t rows)
{
    const vf scale = vf_set1(t->scale);

    if (p->d + p->dims == t->qk_dim && t->scale != 1.0f)
        for (size_t r = 0; r < rows; r++, s += s_row)
            UNROLL for (int c = 0; c < TILE_COLS; c += VF_LANES)
                vf_store(s + c, vf_mul(vf_load(s + c), scale));
}

static void score_rows(const struct heed_scores_task *t, const struct key_panel *p)
{
    float tile[TILE_ROWS * TILE_COLS] = {0}, *const first = t->s;

    for (size_t row = 0; row < t->rows; row += TILE_ROWS) {
        const size_t rows = least(t->rows - row, TILE_ROWS);
        float *s = first + (ptrdiff_t)row * t->s_row + p->key;

        if (p->keys == TILE_COLS) {
            score_panel(t, p, row, s, t->s_row, rows);
            scale_rows(t, p, s, t->s_row, rows);
            continue;
        }
        if (p->d > 0)
            copy_cols(s, t->s_row, tile, TILE_COLS, rows, p->keys);
        score_panel(t, p, row, tile, TILE_COLS, rows);
        scale_rows(t, p, tile, TILE_COLS, rows);
        copy_cols(tile, TILE_COLS, s, t->s_row, rows, p->keys);
    }
}

static void scores_in_f32(const struct heed_scores_task *t)
{
    const size_t most = t->q_type == HEED_F32 ? PANEL_ROWS : SHORT_DIMS;
    float panel[PANEL];

    for (size_t key = 0; key < t->keys; key += TILE_COLS) {
        struct key_panel p = {.key = key, .keys = least(t->keys - key, TILE_COLS), .at = panel};

        do { /* once even for no dims: their scores are 0 */
            p.dims = least(t->qk_dim - p.d, most);
            make_key_panel(t, &p);
            score_rows(t, &p);
            p.d += p.dims;
        } while (p.d < t->qk_dim);
    }
}

/* Scores of 16 bits: of some rows with the keys from `key` on. */
static void score_rounded(const struct heed_scores_task *t, size_t key, size_t row, size_t rows)
{
    float panel[SHORT_DIMS * TILE_COLS], sums[SUM_ROWS * TILE_COLS];
    struct key_panel p = {.key = key, .keys = least(t->keys - key, TILE_COLS), .at = panel};

    do {
        p.dims = least(t->qk_dim - p.d, SHORT_DIMS);
        make_key_panel(t, &p);
        for (size_t r = 0; r < rows; r += TILE_ROWS)
            score_panel(t, &p, row + r, sums + r * TILE_COLS, TILE_COLS,
                        least(rows - r, TILE_ROWS));
        p.d += p.dims;
    } while (p.d < t->qk_dim);
    for (size_t r = 0; r < rows; r++) {
        float *s = sums + r * TILE_COLS;

        scale_by(s, s, p.keys, t->scale);
        narrow_row(t->s_type, s, p.keys,
                   written(t->s, (ptrdiff_t)(row + r) * t->s_row + (ptrdiff_t)key, t->s_type));
    }
}

static void scores(const struct heed_scores_task *t)
{
    if (t->s_type == HEED_F32) {
        scores_in_f32(t);
        return;
    }
    for (size_t key = 0; key < t->keys; key += TILE_COLS)
        for (size_t row = 0; row < t->rows; row += SUM_ROWS)
            score_rounded(t, key, row, least(t->rows - row, SUM_ROWS));
}

#endif
