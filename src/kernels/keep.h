/* SPDX-License-Identifier: MIT */
/* keep.h - rows into what is kept from call to call: panels of keys, rows of another type. */
#ifndef HEED_KERNELS_KEEP_H
#define HEED_KERNELS_KEEP_H

#include "kernels/pack.h"
#include "kernels/quantize.h"

enum {
    PIECE_DIMS = 16, /* of a panel on the stack, 4 KiB; whole vectors */
    PIECE_OF_ROW = 64
};

/* A panel of another type than f32, by way of f32. */
static void pack_panel_into(const struct heed_pack_task *t, const void *k, size_t keys, void *panel)
{
    float stage[PIECE_DIMS * TILE_COLS];

    for (size_t d = 0; d < t->qk_dim; d += PIECE_DIMS) {
        const size_t dims = t->qk_dim - d < PIECE_DIMS ? t->qk_dim - d : PIECE_DIMS;

        pack_panel_of(t->k_type, heed_after(k, (ptrdiff_t)d, t->k_type), t->k_row,
                      heed_bits_below(keys), dims, stage);
        narrow_row(t->panels_type, stage, dims * TILE_COLS,
                   written(panel, (ptrdiff_t)(d * TILE_COLS), t->panels_type));
    }
}

/* n numbers of a row in another type: where they stand, or converted through f32. */
static const void *staged_as(heed_dtype to, heed_dtype from, const void *x, size_t n,
                             float wide[PIECE_OF_ROW], float stage[PIECE_OF_ROW])
{
    if (to == from)
        return x;
    narrow_row(to, staged(from, x, n, to == HEED_F32 ? stage : wide), n, stage);
    return stage;
}

INLINE void scatter_as(size_t size, const void *x, size_t n, void *lane)
{
    for (size_t i = 0; i < n; i++)
        memcpy((char *)lane + i * TILE_COLS * size, (const char *)x + i * size, size);
}

/* Numbers of a key into its lane of a panel. */
static void scatter(size_t size, const void *x, size_t n, void *lane)
{
    if (size == sizeof(float))
        scatter_as(sizeof(float), x, n, lane);
    else if (size == sizeof(uint16_t))
        scatter_as(sizeof(uint16_t), x, n, lane);
    else
        scatter_as(sizeof(uint8_t), x, n, lane);
}

/* One key into its lane of a panel. */
static void pack_key(const struct heed_pack_task *t, const void *k, void *lane)
{
    float wide[PIECE_OF_ROW], stage[PIECE_OF_ROW];

    for (size_t d = 0; d < t->qk_dim; d += PIECE_OF_ROW) {
        const size_t n = t->qk_dim - d < PIECE_OF_ROW ? t->qk_dim - d : PIECE_OF_ROW;
        const void *x = staged_as(t->panels_type, t->k_type, heed_after(k, (ptrdiff_t)d, t->k_type),
                                  n, wide, stage);

        scatter(heed_size(t->panels_type), x, n,
                written(lane, (ptrdiff_t)(d * TILE_COLS), t->panels_type));
    }
}

static float key_scale(const struct heed_pack_task *t, const void *k)
{
    if (t->k_type == HEED_F16)
        return scale_of_row(HEED_F16, k, t->qk_dim, t->panels_type);
    if (t->k_type == HEED_BF16)
        return scale_of_row(HEED_BF16, k, t->qk_dim, t->panels_type);
    return scale_of_row(HEED_F32, k, t->qk_dim, t->panels_type);
}

/* The same of 8 bits by a scale. */
static void quantize_key(const struct heed_pack_task *t, const void *k, float scale, uint8_t *lane)
{
    float wide[PIECE_OF_ROW];
    uint8_t codes[PIECE_OF_ROW];

    for (size_t d = 0; d < t->qk_dim; d += PIECE_OF_ROW) {
        const size_t n = t->qk_dim - d < PIECE_OF_ROW ? t->qk_dim - d : PIECE_OF_ROW;
        const float *x = staged(t->k_type, heed_after(k, (ptrdiff_t)d, t->k_type), n, wide);

        if (t->panels_type == HEED_I8)
            quantize_row(HEED_F32, x, scale, n, HEED_I8, codes);
        else
            quantize_row(HEED_F32, x, scale, n, HEED_F8, codes);
        scatter_as(sizeof *codes, codes, n, lane + d * TILE_COLS);
    }
}

/* Keys into lanes of a panel, one by one; `row` is the first of them in the task. */
static void keep_keys(const struct heed_pack_task *t, size_t row, size_t keys, void *lane)
{
    const void *k = heed_after(t->k, (ptrdiff_t)row * t->k_row, t->k_type);

    for (size_t j = 0; j < keys; j++, k = heed_after(k, t->k_row, t->k_type)) {
        void *to = written(lane, (ptrdiff_t)j, t->panels_type);

        if (heed_is_byte(t->panels_type) && !heed_is_byte(t->k_type))
            quantize_key(t, k, t->scales[row + j] = key_scale(t, k), to);
        else
            pack_key(t, k, to);
    }
}

static void pack_whole_panel(const struct heed_pack_task *t, size_t row, size_t keys, void *panel)
{
    const void *k = heed_after(t->k, (ptrdiff_t)row * t->k_row, t->k_type);

    if (t->panels_type == HEED_F32) {
        pack_panel_of(t->k_type, k, t->k_row, heed_bits_below(keys), t->qk_dim, panel);
    } else if (heed_is_byte(t->panels_type)) {
        memset(panel, 0, t->qk_dim * TILE_COLS);
        keep_keys(t, row, keys, panel);
    } else {
        pack_panel_into(t, k, keys, panel);
    }
}

/* Keys into the panels of a packed K.  The rows of a panel that has begun go one by one. */
static void pack(const struct heed_pack_task *t)
{
    for (size_t row = 0; row < t->rows;) {
        const size_t at = t->first_row + row, lane = at % TILE_COLS, room = TILE_COLS - lane;
        const size_t left = t->rows - row, keys = left < room ? left : room;
        void *to = written(t->panels, (ptrdiff_t)((at - lane) * t->qk_dim + lane), t->panels_type);

        if (lane == 0)
            pack_whole_panel(t, row, keys, to);
        else
            keep_keys(t, row, keys, to);
        row += keys;
    }
}

/* y = x, row by row, rounded where y is of another type. */
static void convert(const struct heed_rows_task *t)
{
    float wide[PIECE_OF_ROW];

    for (size_t r = 0; r < t->rows; r++) {
        const void *x = heed_after(t->x, (ptrdiff_t)r * t->x_row, t->x_type);
        void *y = written(t->y, (ptrdiff_t)r * t->y_row, t->y_type);

        if (t->x_type == t->y_type) {
            memcpy(y, x, t->cols * heed_size(t->x_type));
            continue;
        }
        for (size_t i = 0; i < t->cols; i += PIECE_OF_ROW) {
            const size_t n = t->cols - i < PIECE_OF_ROW ? t->cols - i : PIECE_OF_ROW;
            void *to = written(y, (ptrdiff_t)i, t->y_type);
            float *stage = stage_for(t->y_type, to, wide);

            narrow_row(t->y_type,
                       staged(t->x_type, heed_after(x, (ptrdiff_t)i, t->x_type), n, stage), n, to);
        }
    }
}

#endif
