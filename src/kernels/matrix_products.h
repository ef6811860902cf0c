/* SPDX-License-Identifier: MIT */
/* matrix_products.h - the two products of attention by a matrix unit. */
#ifndef HEED_KERNELS_MATRIX_PRODUCTS_H
#define HEED_KERNELS_MATRIX_PRODUCTS_H

#include "kernels/matrix_parts.h"
#include "kernels/matrix_weigh.h"

/*
 * The next block of keys, or of values, in shares: what the group of this row fetches of it.  Of
 * rows that do not stand one behind the other nothing is fetched.
 */
static inline struct vm_ahead block_ahead(const struct attend *a, const void *x, ptrdiff_t x_row,
                                          size_t dim, const struct unit_group *g, size_t steps)
{
    const struct heed_attend_task *t = a->task;
    const size_t done = g->row / VM_ROWS * steps * 2 * 64, all = HEED_BLOCK * dim * 2;

    if (t->pages || x_row != (ptrdiff_t)dim || done >= all)
        return (struct vm_ahead){0};
    const char *const at = (const char *)x + all + done;

    return (struct vm_ahead){.at = {at, at + 64}, .step = 128};
}

/* Scores of a group of rows, of numbers that are of bf16 as they are. */
static void score_bf16(struct attend *a, const struct unit_group *g, struct vm_ahead ahead)
{
    const size_t from = g->seen.from / 16 * 16, depth = unit_depth(a);
    const struct vm_product product = {.a = unit_queries(a, g->head, g->row),
                                       .b = a->s.unit.k + vm_b_at(from, 0, depth),
                                       .depth = depth,
                                       .to = depth,
                                       .c = g->s + from,
                                       .c_row = HEED_BLOCK,
                                       .ahead = ahead};

    vm_multiply(&product, g->rows, heed_pad(g->seen.to, 16) - from);
}

/* Adds the values, weighted, to the sums of rows. */
static void sum_bf16(struct attend *a, size_t head, size_t row, size_t rows, struct span steps,
                     bool more, struct vm_ahead ahead)
{
    const struct vm_product product = {.a = a->s.unit.weights,
                                       .b = a->s.unit.values,
                                       .depth = HEED_BLOCK,
                                       .from = steps.from,
                                       .to = steps.to,
                                       .c = sums_of(a, head, row),
                                       .c_row = (ptrdiff_t)a->s.v_pad,
                                       .more = more,
                                       .ahead = ahead};

    vm_multiply(&product, rows, a->s.v_pad);
}

/* The same as sums of products of parts. */
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
static void turn_scores(struct attend *a, float *s, size_t rows, struct group_view seen)
{
    const struct heed_attend_task *t = a->task;
    const size_t from = seen.from / 16 * 16, n = heed_pad(seen.to, 16) - from;

    for (size_t r = 0; t->scale < 0.0f && !a->moved && r < rows; r++)
        scale_row(s + r * HEED_BLOCK + from, n, vf_set1(-1.0f));
}

/* The same of parts. */
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
                                       .more = !begins(a, head, row, SUMMED)};

    vm_multiply_pairs(&product, &pairs, rows, a->s.v_pad);
}

#endif
