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
#include "kernels/matrix_few.h"
#include "kernels/matrix_mend.h"
#include "kernels/matrix_products.h"
#include "kernels/unit.h"

#define UNIT_WORKS unit_works
#define ATTEND attend_matrix

static bool value_finite(const struct attend *a, const uint16_t *value)
{
    const size_t n = a->task->v_dim;

    for (size_t d = 0; d < n; d += VF_LANES)
        if (!vf_all_finite(load_as(HEED_BF16, value + d, n - d)))
            return false;
    return true;
}

/* The values that a group multiplies but not all of its rows see, a bit each. */
static uint64_t hidden_from_some(const struct attend *a, const struct block *b,
                                 const struct unit_group *g)
{
    const struct group_view *seen = &g->seen;
    const struct span steps = whole_steps(*seen);
    const uint64_t some = heed_bits_between(steps.from, steps.to < b->keys ? steps.to : b->keys);

    if (b->masked)
        return some & ~keys_all_see(a, g->head, g->row, b);
    return some & ~heed_bits_between(seen->all_from, seen->all_to);
}

/* Whether these leave the group alone, times their weight of 0: each is looked at once. */
static bool hidden_values_finite(struct attend *a, const struct block *b,
                                 const struct unit_group *g)
{
    const uint64_t hidden = hidden_from_some(a, b, g);

    if (!hidden)
        return true;
    struct checked *const c = checked_of(a, g->head, b);
    const struct block_rows values = values_of_block(a, g->head, b);

    for (uint64_t left = hidden & ~c->keys; left; left &= left - 1) {
        const size_t j = heed_first_bit(left);

        if (values.row[j] && !value_finite(a, values.row[j]))
            c->bad |= UINT64_C(1) << j;
    }
    c->keys |= hidden;
    return !(hidden & c->bad);
}

/* One row over the keys that it sees: for it the others are zeros. */
static void sum_apart(struct attend *a, const struct block *b, const struct block_rows *values,
                      const struct unit_group *g, size_t r, float *w, bool more)
{
    const uint64_t keys = keys_seen_by(a, g->head, g->row + r, b);
    struct block_rows seen_values = {{NULL}};

    for (size_t j = 0; j < b->keys; j++)
        seen_values.row[j] = keys >> j & 1 ? values->row[j] : NULL;
    pack_values(a, &seen_values, whole_steps(g->seen));
    pack_weights(a, w, g->seen, 0);
    sum_bf16(a, g->head, g->row + r, 1, unit_steps(g->seen), more, (struct vm_ahead){0});
}

/* Where a value that some row does not see is not finite, rows go one by one. */
static void sum_rows_apart(struct attend *a, const struct block *b, const struct unit_group *g,
                           bool more)
{
    const struct block_rows values = values_of_block(a, g->head, b);

    weights_to_f32(a, g);
    for (size_t r = 0; r < g->rows; r++)
        sum_apart(a, b, &values, g, r, g->s + r * HEED_BLOCK, more);
    pack_values(a, &values, (struct span){0, heed_pad(b->keys, VM_DEPTH)});
}

/* The first groups fetch values of the next block meanwhile. */
static void sum_group_of_unit(struct attend *a, const struct block *b, const struct unit_block *at,
                              const struct unit_group *g)
{
    const struct heed_attend_task *t = a->task;
    const bool more = !begins(a, g->head, g->row, SUMMED);

    if (!hidden_values_finite(a, b, g)) {
        sum_rows_apart(a, b, g, more);
    } else if (at->few_v) {
        sum_few(a, b, at, g, more);
    } else {
        const struct vm_ahead ahead =
            block_ahead(a, at->v, t->v_row, t->v_dim, g, HEED_BLOCK / 2 * (a->s.v_pad / 64));

        sum_bf16(a, g->head, g->row, g->rows, unit_steps(g->seen), more, ahead);
    }
}

/* And keys. */
static void score_group_bf16(struct attend *a, const struct block *b, const struct unit_block *at,
                             const struct unit_group *g)
{
    const struct heed_attend_task *t = a->task;
    const ptrdiff_t k_row = t->panels ? (ptrdiff_t)t->qk_dim : t->k_row;

    if (at->few_k) {
        score_few(a, b, at, g);
    } else {
        score_bf16(a, g, block_ahead(a, at->k, k_row, t->qk_dim, g, unit_depth(a) / 2));
    }
    turn_scores(a, g->s, g->rows, g->seen);
}

static void pack_block(struct attend *a, size_t head, const struct block *b,
                       const struct unit_block *at)
{
    if (at->few_k)
        pack_few_keys(a, b, at, head);
    else
        pack_keys(a, head, b);
    if (!at->few_v) {
        const struct block_rows values = values_of_block(a, head, b);

        pack_values(a, &values, (struct span){0, heed_pad(b->keys, VM_DEPTH)});
    }
}

/*
 * The sums of a group come after the scores of the next: so its weights, which wait for its
 * last scores and for which its sums wait, are computed while either product goes on.
 */
APART void multiply_head(struct attend *a, const struct block *b, size_t head)
{
    const struct heed_attend_task *t = a->task;
    const struct unit_block at = unit_block_of(a, head, b);
    struct unit_group before = {.rows = 0};

    pack_block(a, head, b, &at);
    for (size_t row = 0; row < t->rows; row += VM_ROWS) {
        const size_t rows = t->rows - row < VM_ROWS ? t->rows - row : VM_ROWS;
        const struct unit_group group = {head, row, rows, seen_by_group(a, head, row, rows, b),
                                         scores_of_group(a, head, row)};

        if (!group.seen.to)
            continue;
        score_group_bf16(a, b, &at, &group);
        if (before.rows)
            sum_group_of_unit(a, b, &at, &before);
        weigh_into_unit(a, b, &group);
        before = group;
    }
    if (before.rows)
        sum_group_of_unit(a, b, &at, &before);
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
                      seen.from, seen.to);
    turn_scores(a, weights_of(a, head, row), rows, seen);
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

APART void multiply_head_in_parts(struct attend *a, const struct block *b, size_t head)
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
        load_scales(a, &t->k_scales, head, b, scales);
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

/* Where there are dims, scratch holds a group's weights, and parts of a block's rows. */
_Static_assert(sizeof(struct trial) <=
                   (HEED_UNIT_MOST_ROWS + HEED_PARTS * HEED_LANES) * HEED_BLOCK * sizeof(uint16_t),
               "no room for the trial of a unit");

static bool takes_unit(const struct heed_attend_task *t)
{
    return t->parts.q && t->qk_dim + t->v_dim && unit_works_by((struct trial *)(void *)t->scratch);
}

static void attend_matrix(const struct heed_attend_task *t)
{
    if (!takes_unit(t)) {
        attend(t);
        return;
    }
    struct heed_copies copies =
        heed_copies_of(t->q_type, t->panels ? HEED_F32 : t->k_type, t->pages);

    copies.rules = t->rules;
    copies.unit_rows = t->kv_heads * heed_pad(t->rows, HEED_UNIT_ROWS);
    copies.parts = t->parts;
    vm_begin();
    if (all_bf16(t))
        attend_by(t, copies, pack_query, multiply_block, VM_ROWS);
    else
        attend_by(t, copies, split_query, multiply_block_in_parts, VM_ROWS);
    vm_end();
}

#endif
