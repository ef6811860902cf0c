/* SPDX-License-Identifier: MIT */
/* matrix_mend.h - by FMAs, what is beyond a matrix unit: see matrix_parts.h. */
#ifndef HEED_KERNELS_MATRIX_MEND_H
#define HEED_KERNELS_MATRIX_MEND_H

#include "kernels/matrix_parts.h"

static inline bool is_far_query(const struct attend *a, size_t head, size_t row)
{
    return a->s.unit.far_q[head * heed_pad(a->task->rows, HEED_UNIT_ROWS) + row];
}

/* Of a few rows the scores with `keys` of a panel, from key j of the block on. */
APART void mend_panel(struct attend *a, const struct panel *panel, const struct far *far,
                      size_t head, size_t row, size_t rows, size_t j, size_t keys)
{
    float s[TILE_ROWS * HEED_BLOCK];

    score_group(panel, a->s.q + head * a->task->rows + row, a->task->qk_dim, 0, keys, s, false,
                NULL, rows);
    for (size_t r = 0; r < rows; r++) {
        const bool all = is_far_query(a, head, row + r);
        float *to = weights_of(a, head, row + r) + j;

        for (size_t i = 0; i < keys; i++)
            if (all || far->key[j + i])
                to[i] = s[r * HEED_BLOCK + i];
    }
}

static bool any_far(const unsigned char *far, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (far[i])
            return true;
    return false;
}

/* The scores of rows with keys of a block where either is beyond the unit. */
static void mend_scores(struct attend *a, const struct block *b, const struct far *far, size_t head,
                        size_t row, size_t rows)
{
    const unsigned char *far_q =
        a->s.unit.far_q + head * heed_pad(a->task->rows, HEED_UNIT_ROWS) + row;
    const bool queries = any_far(far_q, rows);
    const uint64_t read = read_of_head(a, head, b);

    for (size_t j = 0; (far->any_key || queries) && j < b->keys; j += TILE_COLS) {
        const size_t left = b->keys - j, keys = left < TILE_COLS ? left : TILE_COLS;

        if ((!queries && !any_far(far->key + j, keys)) || !any_bits(read, j, keys))
            continue;
        const struct panel panel =
            load_panel(a, head, b->first_key + j, keys, read >> j & heed_bits_below(keys));
        const size_t most = panel.type == HEED_F32 ? TILE_ROWS : DIRECT_ROWS;

        for (size_t r = 0; r < rows; r += most)
            mend_panel(a, &panel, far, head, row + r, rows - r < most ? rows - r : most, j, keys);
    }
}

/* What values beyond the unit add to a row that sees them; without denormals, as the unit has it.
 */
static void mend_sums(struct attend *a, const struct block *b, const struct values *v,
                      const struct far *far, size_t head, size_t row)
{
    const float *w = weights_of(a, head, row);
    float *o = sums_of(a, head, row);
    bool mended = false;

    for (uint64_t keys = keys_seen_by(a, head, row, b); keys; keys &= keys - 1) {
        const size_t j = heed_first_bit(keys);

        if (!far->value[j])
            continue;
        sum_keys(a, v, w, j, j + 1, NULL, o, true, 1);
        mended = true;
    }
    if (mended)
        scale_row_of_unit(o, a->s.v_pad, vf_set1(1.0f));
}

#endif
