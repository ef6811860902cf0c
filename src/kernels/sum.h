/* SPDX-License-Identifier: MIT */
/* sum.h - the weights of a block, and its values weighted and summed. */
#ifndef HEED_KERNELS_SUM_H
#define HEED_KERNELS_SUM_H

#include "kernels/scales.h"

/* The scores of a row that its rules do not hide. */
static void rule_row(struct attend *a, const struct block *b, size_t row, struct seen seen,
                     float *s)
{
    const struct heed_attend_task *t = a->task;
    const size_t from = seen.from / VF_LANES * VF_LANES;

    if (t->rules && seen.from < seen.to)
        apply_rules(t->rules, &a->s.rules[row], t->scale, s + from, b->first_key + from,
                    seen.to - from);
    if (seen.hole < seen.hole_end)
        fill(s + seen.hole, seen.hole_end - seen.hole, -INFINITY);
}

/* Weights of the keys that some row of the group sees; 0 for those that a row does not see. */
INLINE void weigh_group_as(struct attend *a, const struct block *b, size_t head, size_t row,
                           size_t rows, const enum weights_for use)
{
    const struct group_view any = seen_by_group(a, head, row, rows, b);
    const bool whole = any.all_to - any.all_from == HEED_BLOCK && !a->task->rules;
    const size_t first = head * a->task->rows;
    const bool scaled = a->task->v_scales.at && any.to;
    float scales[HEED_BLOCK];

    if (scaled)
        load_scales(a->task, &a->task->v_scales, head, b, scales);
    if (whole) {
        float *const s = weights_of(a, head, row);

        weigh_whole_rows(s, rows, &a->octaves, a->s.max + first + row,
                         a->s.sum + (first + row) * HEED_LANES, sums_of(a, head, row), a->s.v_pad,
                         a->first, use);
        if (scaled)
            multiply_rows(s, rows, 1.0f, scales, HEED_BLOCK);
        return;
    }
    for (size_t r = row; any.to && r < row + rows; r++) {
        float *const s = weights_of(a, head, r), *const sums = sums_of(a, head, r);
        float *const max = &a->s.max[first + r], *const sum = a->s.sum + (first + r) * HEED_LANES;

        const struct seen seen = seen_by(a, r, b);
        rule_row(a, b, first + r, seen, s);
        weigh_row(s, (struct span){seen.from, seen.to}, (struct span){any.from, any.to},
                  &a->octaves, max, sum, sums, a->s.v_pad, a->first, use);
        if (scaled)
            scale_weights(a, s, scales, any, seen);
    }
}

static void weigh_group(struct attend *a, const struct block *b, size_t head, size_t row,
                        size_t rows)
{
    weigh_group_as(a, b, head, row, rows, FOR_FMAS);
}

static bool values_finite(const struct attend *a, const struct values *v, size_t from, size_t to)
{
    if (heed_is_byte(v->type)) /* of f8 none is NaN where it is read in place */
        return true;
    for (size_t j = from; j < to; j++) {
        const void *row = heed_after(v->at, (ptrdiff_t)j * v->row, v->type);

        for (size_t d = 0; d < heed_pad(a->task->v_dim, VF_LANES); d += VF_LANES)
            if (!vf_all_finite(load_as(v->type, heed_after(row, (ptrdiff_t)d, v->type), VF_LANES)))
                return false;
    }
    return true;
}

/* The values of keys [from, to), for `rows` rows. */
static void sum_keys(struct attend *a, const struct values *v, const float *w, size_t from,
                     size_t to, struct ahead ahead, float *o, bool more, size_t rows)
{
    const size_t v_pad = a->s.v_pad, vectors = heed_pad(a->task->v_dim, VF_LANES) / VF_LANES;

    const void *at = heed_after(v->at, (ptrdiff_t)from * v->row, v->type);

    if (v->type == HEED_F32)
        values_of_rows(w + from, HEED_BLOCK, to - from, at, v->row, ahead, o, (ptrdiff_t)v_pad,
                       vectors, more, rows);
    else
        values_direct(v->type, w + from, HEED_BLOCK, to - from, at, v->row, ahead, o,
                      (ptrdiff_t)v_pad, vectors, more, rows);
}

/* Whether a row sees key j: where single keys are hidden, those have no weight. */
static inline bool sees_key(const struct attend *a, const struct seen *seen, const float *w,
                            size_t j)
{
    return (j < seen->hole || j >= seen->hole_end) && (!a->selective || w[j] != 0.0f);
}

/* One row over the keys that it sees, one run of them after the other. */
static void sum_row(struct attend *a, const struct values *v, const float *w, struct seen seen,
                    float *o, bool more)
{
    size_t j = seen.from;

    if (!more)
        fill(o, a->s.v_pad, 0.0f);
    while (j < seen.to) {
        const size_t from = j;

        while (j < seen.to && sees_key(a, &seen, w, j))
            j++;
        if (from < j)
            sum_keys(a, v, w, from, j, nothing_ahead(v->at), o, true, 1);
        else
            j++;
    }
}

/*
 * Adds the weighted values of a block, or a part of it.  Keys that are hidden from
 * some rows of the group have a weight of 0 there, which adds nothing unless the
 * value is infinite or NaN.  Then the rows go one by one, each over the keys that
 * it sees: the same chains, without the zeros.
 */
static void sum_group(struct attend *a, const struct block *b, const struct values *v, size_t head,
                      size_t row, size_t rows)
{
    const struct group_view seen = seen_by_group(a, head, row, rows, b);
    const size_t begin = b->first_key % HEED_BLOCK;
    const bool more = !a->first || begin;
    const float *w = weights_of(a, head, row) + begin;
    float *o = sums_of(a, head, row);

    if (!seen.to)
        return;
    if (values_finite(a, v, seen.from, seen.all_from) &&
        values_finite(a, v, seen.all_to, seen.to)) {
        sum_keys(a, v, w, seen.from, seen.to, row ? nothing_ahead(v->at) : v->ahead, o, more, rows);
        return;
    }
    for (size_t r = 0; r < rows; r++)
        sum_row(a, v, w + r * HEED_BLOCK, seen_by(a, row + r, b), o + r * a->s.v_pad, more);
}

/* The weights of a group of rows are used while they are in the first cache. */
static void weigh_block(struct attend *a, const struct block *b)
{
    const struct values v = load_values(a, 0, b);

    for (size_t row = 0, rows; row < a->task->rows; row += rows) {
        rows = group_rows(a->task->rows - row);
        weigh_group(a, b, 0, row, rows);
        sum_group(a, b, &v, 0, row, rows);
    }
}

static void sum_side_by_side(struct attend *a, const struct block *part)
{
    for (size_t head = 0; head < a->task->kv_heads; head++) {
        const struct values v = load_values(a, head, part);

        for (size_t row = 0, rows; row < a->task->rows; row += rows) {
            rows = group_rows(a->task->rows - row);
            sum_group(a, part, &v, head, row, rows);
        }
    }
}

/* The same for heads side by side. */
static void weigh_side_by_side(struct attend *a, const struct block *b)
{
    for (size_t head = 0; head < a->task->kv_heads; head++)
        for (size_t row = 0, rows; row < a->task->rows; row += rows) {
            rows = group_rows(a->task->rows - row);
            weigh_group(a, b, head, row, rows);
        }
    for (size_t j = 0; j < b->keys; j += SIDE_KEYS) {
        const size_t left = b->keys - j;

        sum_side_by_side(a, &(struct block){b->first_key + j, left < SIDE_KEYS ? left : SIDE_KEYS,
                                            b->map, b->whole_from, b->whole_rows});
    }
}

#endif
