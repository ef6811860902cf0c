/* SPDX-License-Identifier: MIT */
/*
 * matrix.h - attention of bf16 where a unit multiplies matrices (simd/matrix.h).
 *
 * The loops over chunks and blocks are those of attend.h, and so are rules, running
 * softmax and merging, in f32.  The unit computes scores, for which queries are kept and
 * keys packed as its operands, and the sums of values, for which weights are rounded to
 * bf16.  The sum of weights is that of the rounded ones: so the result is a weighted
 * average of the values, between the least and the greatest, and where values have much
 * in common, roundings of their weights cancel.
 *
 * What runs here depends on types and instruction set alone, never on how many rows
 * there are: a row has the bits of the unit in a prefill and alone.
 */
#ifndef HEED_KERNELS_MATRIX_H
#define HEED_KERNELS_MATRIX_H

#include "kernels/attend.h"
#include "kernels/matrix_mend.h"
#include "kernels/matrix_products.h"
#include "kernels/unit.h"

#define UNIT_WORKS unit_works
#define ATTEND attend_matrix

static bool all_finite(const struct attend *a, const struct block_rows *values, size_t from,
                       size_t to)
{
    const size_t n = a->task->v_dim;

    for (size_t j = from; j < to && values->row[j]; j++)
        for (size_t d = 0; d < n; d += VF_LANES)
            if (!vf_all_finite(load_as(HEED_BF16, values->row[j] + d, n - d)))
                return false;
    return true;
}

/* One row over the keys that it sees: for it the others are zeros. */
static void sum_apart(struct attend *a, const struct block *b, const struct block_rows *values,
                      size_t head, size_t row, struct group_view any)
{
    const struct seen seen = seen_by(a, row, b);
    struct block_rows seen_values = {{NULL}};
    float *w = weights_of(a, head, row);

    for (size_t j = seen.from; j < seen.to; j++)
        seen_values.row[j] = sees_key(a, &seen, w, j) ? values->row[j] : NULL;
    pack_values(a, &seen_values, whole_steps(any));
    pack_weights(a, w, any, 0);
    sum_packed(a, head, row, 1, whole_steps(any));
}

static void sum_group_of_unit(struct attend *a, const struct block *b,
                              const struct block_rows *values, size_t head, size_t row, size_t rows,
                              struct group_view seen)
{
    const struct span steps = whole_steps(seen);

    if (all_finite(a, values, steps.from, seen.all_from) &&
        all_finite(a, values, seen.all_to, steps.to)) {
        for (size_t r = 0; r < rows; r++)
            pack_weights(a, weights_of(a, head, row + r), seen, r);
        sum_packed(a, head, row, rows, steps);
        return;
    }
    for (size_t r = row; r < row + rows; r++)
        sum_apart(a, b, values, head, r, seen);
    pack_values(a, values, (struct span){0, HEED_BLOCK});
}

static void multiply_head(struct attend *a, const struct block *b, size_t head)
{
    const struct heed_attend_task *t = a->task;
    const void *v = heed_after(t->v, (ptrdiff_t)head * t->v_kv, HEED_BF16);
    const struct block_rows values = rows_of_block(t, b, v, t->v_row, t->v_page);

    pack_keys(a, head, b);
    pack_values(a, &values, (struct span){0, heed_pad(b->keys, VM_DEPTH)});
    for (size_t row = 0; row < t->rows; row += VM_ROWS) {
        const size_t rows = t->rows - row < VM_ROWS ? t->rows - row : VM_ROWS;
        const struct group_view seen = seen_by_group(a, head, row, rows, b);

        if (!seen.to)
            continue;
        score_group_of_unit(a, head, row, rows, seen);
        turn_scores(a, head, row, rows, seen);
        weigh_group_as(a, b, head, row, rows, FOR_BF16);
        sum_group_of_unit(a, b, &values, head, row, rows, seen);
    }
}

static void multiply_block(struct attend *a, const struct block *b)
{
    for (size_t head = 0; head < a->task->kv_heads; head++)
        multiply_head(a, b, head);
}

/* The scores of a group of rows, with the scales of keys; what is beyond the unit by FMAs. */
static void score_group_in_parts(struct attend *a, const struct block *b, const struct far *far,
                                 const float *scales, size_t head, size_t row, size_t rows,
                                 struct group_view seen)
{
    score_group_of_unit(a, head, row, rows, seen);
    mend_scores(a, b, far, head, row, rows);
    if (has_scales(a->task))
        multiply_rows(weights_of(a, head, row), rows, loaded_times(a->task->k_type), scales,
                      seen.to);
    turn_scores(a, head, row, rows, seen);
}

/* Weights that take scales upon them are rounded once, after that. */
static void weigh_group_in_parts(struct attend *a, const struct block *b, size_t head, size_t row,
                                 size_t rows)
{
    if (a->task->parts.weights == 1 && !a->task->v_scales.at)
        weigh_group_as(a, b, head, row, rows, FOR_BF16);
    else
        weigh_group_as(a, b, head, row, rows, FOR_UNIT);
}

static void multiply_head_in_parts(struct attend *a, const struct block *b, size_t head)
{
    const struct heed_attend_task *t = a->task;
    struct far far;
    struct values values = {0};
    float scales[HEED_BLOCK];

    if (t->panels)
        split_kept_keys(a, head, b, &far);
    else
        split_keys(a, head, b, &far);
    split_values(a, head, b, &far);
    if (far.any_value)
        values = load_values(a, head, b);
    if (has_scales(t))
        load_scales(t, &t->k_scales, head, b, scales);
    for (size_t row = 0; row < t->rows; row += VM_ROWS) {
        const size_t rows = t->rows - row < VM_ROWS ? t->rows - row : VM_ROWS;
        const struct group_view seen = seen_by_group(a, head, row, rows, b);

        if (!seen.to)
            continue;
        score_group_in_parts(a, b, &far, scales, head, row, rows, seen);
        weigh_group_in_parts(a, b, head, row, rows);
        for (size_t r = 0; r < rows; r++)
            split_weights(a, weights_of(a, head, row + r), &far, seen, r);
        sum_packed(a, head, row, rows, whole_steps(seen));
        for (size_t r = row; far.any_value && r < row + rows; r++)
            mend_sums(a, b, &values, &far, head, r);
    }
}

static void multiply_block_in_parts(struct attend *a, const struct block *b)
{
    for (size_t head = 0; head < a->task->kv_heads; head++)
        multiply_head_in_parts(a, b, head);
}

static bool all_bf16(const struct heed_attend_task *t)
{
    return t->q_type == HEED_BF16 && t->k_type == HEED_BF16 && t->v_type == HEED_BF16;
}

static void attend_matrix(const struct heed_attend_task *t)
{
    if (!t->parts.q || !unit_works()) {
        attend(t);
        return;
    }
    struct heed_copies copies =
        heed_copies_of(t->q_type, t->panels ? HEED_F32 : t->k_type, t->pages);

    copies.unit_rows = t->kv_heads * heed_pad(t->rows, HEED_UNIT_ROWS);
    copies.parts = t->parts;
    vm_begin();
    if (all_bf16(t))
        attend_by(t, copies, pack_query, multiply_block);
    else
        attend_by(t, copies, split_query, multiply_block_in_parts);
    vm_end();
}

#endif
