/* SPDX-License-Identifier: MIT */
/*
 * matrix_parts.h - attention of all types by a matrix unit, as sums of products of parts.
 *
 * What the unit cannot multiply exactly, NaN, infinities, the huge and the tiny, goes by
 * FMAs: the scores of a query or key that holds such a number, and what a value that holds
 * one adds to a sum, where the unit is given zeros.  So each number of
 * a result depends on the row's own numbers and on what the row sees, as everywhere: a
 * number far away, or hidden, changes nothing, and neither do cuts.
 */
#ifndef HEED_KERNELS_MATRIX_PARTS_H
#define HEED_KERNELS_MATRIX_PARTS_H

#include "kernels/matrix_operands.h"
#include "kernels/score.h"
#include "kernels/split.h"
#include "kernels/sum.h"

/*
 * Products of queries and keys stay below 2^100, and the parts that the unit takes for
 * zeros, below 2^-126, are lost to scores only: see heed_unit_scales().
 */
static const struct range range_of_scores = {0.0f, 0x1p50f};
/*
 * The last part of a value is a multiple of 2^-103, and times a weight of 2^-23 no denormal;
 * of lesser weights, which count as little, the last parts may be lost.
 */
static const struct range range_of_values = {0x1p-80f, 0x1p60f};
/*
 * Weights take the scales of values of 8 bits upon them, whose numbers are loaded as 1 to 127,
 * or as 2^-17 to 1.75 (loaded_times()).
 */
static const struct range range_of_scales = {0x1p-62f, 0x1p50f};

/* The keys of a block that are beyond the unit, as keys and as values. */
struct far {
    bool any_key, any_value;
    unsigned char key[HEED_BLOCK], value[HEED_BLOCK];
};

static inline struct split split_into(const struct attend *a, size_t at, size_t parts)
{
    return (struct split){a->s.unit.rows + at, a->s.unit.rows_part, parts};
}

/* Products of parts i and j, those that are small by i + j first. */
static struct vm_pairs pairs_of(size_t a_parts, size_t a_step, size_t b_parts, size_t b_step,
                                size_t limit)
{
    struct vm_pairs pairs = {0};

    for (size_t sum = limit; sum--;)
        for (size_t i = 0; i <= sum; i++)
            if (i < a_parts && sum - i < b_parts)
                pairs.at[pairs.count++] = (struct vm_pair){i * a_step, (sum - i) * b_step};
    return pairs;
}

/* A query in f32 for the FMAs, and its parts for the unit. */
static void split_query(struct attend *a, size_t head, size_t row, ptrdiff_t offset)
{
    const struct heed_attend_task *t = a->task;
    const size_t padded = heed_pad(t->rows, HEED_UNIT_ROWS), depth = unit_depth(a);
    const size_t end = row + 1 < t->rows ? row + 1 : padded;
    const struct split split = split_into(a, 0, t->parts.q);

    point_at_query(a, head, row, offset);
    a->s.unit.far_q[head * padded + row] =
        split_row(HEED_F32, a->s.q[head * t->rows + row], t->qk_dim, &range_of_scores, &split);
    for (size_t p = 0; p < split.parts; p++) {
        uint16_t *to = unit_queries(a, head, 0) + p * a->s.unit.q_part;

        vm_pack_row(to, depth, row, split.to + p * split.step, t->qk_dim);
        for (size_t r = row + 1; r < end; r++)
            vm_pack_row(to, depth, r, NULL, 0);
    }
}

/* Takes rows of keys or values apart, and marks those that are beyond the unit: are there any? */
static bool split_rows(struct attend *a, const struct block *b, uint64_t read, heed_dtype type,
                       const void *x, ptrdiff_t x_row, ptrdiff_t x_page, size_t dim,
                       const struct range *range, size_t parts, unsigned char far[HEED_BLOCK])
{
    bool any = false;

    memset(far, 0, b->keys);
    for (size_t j = 0; j < b->keys; j++) {
        if (!(read >> j & 1))
            continue;
        const ptrdiff_t at = row_offset(a->task, b->first_key + j, x_row, x_page);
        const struct split split = split_into(a, j * a->s.unit.row, parts);

        far[j] = split_row(type, heed_after(x, at, type), dim, range, &split);
        any = any || far[j];
    }
    return any;
}

/* The rows of a part; those that were not read are NULL, and those that are far, if that is known.
 */
static struct block_rows rows_of_part(const struct attend *a, size_t part, uint64_t read,
                                      const unsigned char *far)
{
    const uint16_t *x = a->s.unit.rows + part * a->s.unit.rows_part;
    struct block_rows rows = {{NULL}};

    for (size_t j = 0; j < HEED_BLOCK; j++)
        if (read >> j & 1)
            rows.row[j] = far && far[j] ? NULL : x + j * a->s.unit.row;
    return rows;
}

/* A number beyond the unit spoils no column but its own, whose scores are not used. */
APART void split_keys(struct attend *a, size_t head, const struct block *b, struct far *far)
{
    const struct heed_attend_task *t = a->task;
    const void *k = heed_after(t->k, (ptrdiff_t)head * t->k_kv, t->k_type);
    const uint64_t read = read_of_head(a, head, b);

    far->any_key = split_rows(a, b, read, t->k_type, k, t->k_row, t->k_page, t->qk_dim,
                              &range_of_scores, t->parts.k, far->key);
    for (size_t p = 0; p < t->parts.k; p++) {
        const struct block_rows rows = rows_of_part(a, p, read, NULL);

        vm_pack_keys(a->s.unit.k + p * a->s.unit.k_part, unit_depth(a), rows.row,
                     heed_pad(b->keys, 16), t->qk_dim);
    }
}

APART void split_kept_keys(struct attend *a, size_t head, const struct block *b, struct far *far)
{
    const struct heed_attend_task *t = a->task;
    const struct split split = split_into(a, 0, t->parts.k);
    const uint64_t read = read_of_head(a, head, b);
    unsigned char column[TILE_COLS];

    far->any_key = false;
    for (size_t j = 0; j < b->keys; j += TILE_COLS) {
        const ptrdiff_t at = (ptrdiff_t)((b->first_key + j) * t->qk_dim);
        const size_t left = b->keys - j, keys = left < TILE_COLS ? left : TILE_COLS;
        const size_t dims = any_bits(read, j, keys) ? t->qk_dim : 0;

        split_panel(t->k_type,
                    heed_after(t->panels, (ptrdiff_t)head * t->panels_kv + at, t->k_type), dims,
                    &range_of_scores, &split, column);
        for (size_t i = 0; i < keys; i++) {
            far->key[j + i] = column[i];
            far->any_key = far->any_key || column[i];
        }
        for (size_t p = 0; p < split.parts; p++)
            pack_panel_of_unit(a->s.unit.k + p * a->s.unit.k_part, unit_depth(a),
                               split.to + p * split.step, dims, j, heed_pad(keys, 16));
    }
}

static inline bool scale_is_far(float scale)
{
    const float size = fabsf(scale);

    return !(size == 0.0f || (size >= range_of_scales.least && size < range_of_scales.end));
}

APART void split_values(struct attend *a, size_t head, const struct block *b, struct far *far)
{
    const struct heed_attend_task *t = a->task;
    const void *v = heed_after(t->v, (ptrdiff_t)head * t->v_kv, t->v_type);
    const uint64_t read = read_of_head(a, head, b);
    float scales[HEED_BLOCK];

    far->any_value = split_rows(a, b, read, t->v_type, v, t->v_row, t->v_page, t->v_dim,
                                &range_of_values, t->parts.v, far->value);
    if (t->v_scales.at)
        load_scales(a, &t->v_scales, head, b, scales);
    for (size_t j = 0; t->v_scales.at && j < b->keys; j++) {
        far->value[j] = far->value[j] || scale_is_far(scales[j]);
        far->any_value = far->any_value || far->value[j];
    }
    for (size_t p = 0; p < t->parts.v; p++) {
        const struct block_rows rows = rows_of_part(a, p, read, far->value);

        vm_pack_values(a->s.unit.values + p * a->s.unit.values_part, HEED_BLOCK, rows.row, 0,
                       heed_pad(b->keys, VM_DEPTH), t->v_dim, a->s.v_pad);
    }
}

/* Weights of a row, taken apart, as row `to` of an operand; 0 for values beyond the unit. */
static void split_weights(struct attend *a, float *w, const struct far *far, struct group_view seen,
                          size_t to)
{
    const struct span steps = whole_steps(seen);
    const size_t end = heed_pad(steps.to, VF_LANES);
    float kept[HEED_BLOCK];

    fill(w + steps.from, seen.from - steps.from, 0.0f);
    fill(w + seen.to, steps.to - seen.to, 0.0f);
    if (far->any_value) {
        for (size_t j = 0; j < HEED_BLOCK; j++)
            kept[j] = j < seen.to && !far->value[j] ? w[j] : 0.0f;
        w = kept;
    }
    for (size_t j = steps.from / VF_LANES * VF_LANES; j < end; j += VF_LANES) {
        vf x = vf_load(w + j);

        for (size_t p = 0; p < a->task->parts.weights; p++) {
            const vf part = vf_nearest_bf16(x);

            vm_lanes_of_row(a->s.unit.weights + p * a->s.unit.weights_part, HEED_BLOCK, to, j,
                            part);
            x = vf_sub(x, part);
        }
    }
}

#endif
