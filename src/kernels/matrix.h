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
#include "kernels/matrix_operands.h"
#include "kernels/unit.h"

#define UNIT_WORKS unit_works
#define ATTEND attend_matrix

static void score_group_of_unit(struct attend *a, size_t head, size_t row, size_t rows,
                                struct group_view seen)
{
    const struct heed_attend_task *t = a->task;
    const size_t from = seen.from / 16 * 16, depth = unit_depth(a);
    float *s = weights_of(a, head, row);
    const struct vm_product product = {.a = unit_queries(a, head, row),
                                       .b = a->s.unit.k + vm_b_at(from, 0, depth),
                                       .depth = depth,
                                       .to = depth,
                                       .c = s + from,
                                       .c_row = HEED_BLOCK};

    vm_multiply(&product, rows, heed_pad(seen.to, 16) - from);
    for (size_t r = 0; t->scale < 0.0f && !t->rules && r < rows; r++)
        scale_row(s + r * HEED_BLOCK + from, heed_pad(seen.to, 16) - from, vf_set1(-1.0f));
}

/* Adds the values, weighted, to the sums of rows. */
static void sum_packed(struct attend *a, size_t head, size_t row, size_t rows, struct span steps)
{
    const struct vm_product product = {.a = a->s.unit.weights,
                                       .b = a->s.unit.values,
                                       .depth = HEED_BLOCK,
                                       .from = steps.from,
                                       .to = steps.to,
                                       .c = sums_of(a, head, row),
                                       .c_row = (ptrdiff_t)a->s.v_pad,
                                       .more = !a->first};

    vm_multiply(&product, rows, a->s.v_pad);
}

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
        weigh_group_as(a, b, head, row, rows, true);
        sum_group_of_unit(a, b, &values, head, row, rows, seen);
    }
}

static void multiply_block(struct attend *a, const struct block *b)
{
    for (size_t head = 0; head < a->task->kv_heads; head++)
        multiply_head(a, b, head);
}

static void attend_matrix(const struct heed_attend_task *t)
{
    if (!heed_unit_takes(t->q_type, t->k_type, t->v_type) || !unit_works()) {
        attend(t);
        return;
    }
    struct heed_copies copies =
        heed_copies_of(t->q_type, t->panels ? HEED_F32 : t->k_type, t->pages);

    copies.unit_rows = t->kv_heads * heed_pad(t->rows, HEED_UNIT_ROWS);
    vm_begin();
    attend_by(t, copies, pack_query, multiply_block);
    vm_end();
}

#endif
