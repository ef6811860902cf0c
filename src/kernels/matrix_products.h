/* SPDX-License-Identifier: MIT */
/* matrix_products.h - the two products of attention by a matrix unit. */
#ifndef HEED_KERNELS_MATRIX_PRODUCTS_H
#define HEED_KERNELS_MATRIX_PRODUCTS_H

#include "kernels/matrix_parts.h"

static void score_group_of_unit(struct attend *a, size_t head, size_t row, size_t rows,
                                struct group_view seen)
{
    const struct heed_attend_task *t = a->task;
    const struct heed_unit *unit = &a->s.unit;
    const size_t from = seen.from / 16 * 16, depth = unit_depth(a);
    const struct vm_pairs pairs =
        pairs_of(t->parts.q, unit->q_part, t->parts.k, unit->k_part, HEED_AS_F32);
    const struct vm_product product = {.a = unit_queries(a, head, row),
                                       .b = unit->k + vm_b_at(from, 0, depth),
                                       .depth = depth,
                                       .to = depth,
                                       .c = weights_of(a, head, row) + from,
                                       .c_row = HEED_BLOCK};

    vm_multiply_pairs(&product, &pairs, rows, heed_pad(seen.to, 16) - from);
}

/* Weights are taken relative to the largest scaled score. */
static void turn_scores(struct attend *a, size_t head, size_t row, size_t rows,
                        struct group_view seen)
{
    const struct heed_attend_task *t = a->task;
    const size_t from = seen.from / 16 * 16, n = heed_pad(seen.to, 16) - from;

    for (size_t r = row; t->scale < 0.0f && !t->rules && r < row + rows; r++)
        scale_row(weights_of(a, head, r) + from, n, vf_set1(-1.0f));
}

/* Adds the values, weighted, to the sums of rows. */
static void sum_packed(struct attend *a, size_t head, size_t row, size_t rows, struct span steps)
{
    const struct heed_parts *parts = &a->task->parts;
    const struct vm_pairs pairs = pairs_of(parts->weights, a->s.unit.weights_part, parts->v,
                                           a->s.unit.values_part, parts->sum);
    const struct vm_product product = {.a = a->s.unit.weights,
                                       .b = a->s.unit.values,
                                       .depth = HEED_BLOCK,
                                       .from = steps.from,
                                       .to = steps.to,
                                       .c = sums_of(a, head, row),
                                       .c_row = (ptrdiff_t)a->s.v_pad,
                                       .more = !a->first};

    vm_multiply_pairs(&product, &pairs, rows, a->s.v_pad);
}

#endif
