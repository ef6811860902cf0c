/* SPDX-License-Identifier: MIT */
/* sum.h - the weights of a block, and its values weighted and summed. */
#ifndef HEED_KERNELS_SUM_H
#define HEED_KERNELS_SUM_H

#include "kernels/scales.h"

enum { MANY_RESULTS = 8192 /* numbers, 32 KiB */ };

/* The scores of a row that its rules do not hide. */
static void rule_row(struct attend *a, const struct block *b, size_t row, struct seen seen,
                     float *s)
{
    const struct heed_attend_task *t = a->task;

    if (t->rules && seen.from < seen.to)
        apply_rules(t->rules, &a->s.rules[row], t->scale, s, b->first_key, seen);
    if (seen.hole < seen.hole_end)
        fill(s + seen.hole, seen.hole_end - seen.hole, -INFINITY);
}

/* Scores of a group become -inf where a row does not see what others of the group see. */
static void hide_from_group(struct attend *a, const struct block *b, size_t head, size_t row,
                            size_t rows, const struct group_view *any)
{
    const struct span all = {any->from / VF_LANES * VF_LANES, heed_pad(any->to, VF_LANES)};

    for (size_t r = row; r < row + rows; r++) {
        const struct seen seen = seen_by(a, r, b);
        float *const s = weights_of(a, head, r);

        rule_row(a, b, head * a->task->rows + r, seen, s);
        hide_unseen(s, all, (struct span){seen.from, seen.to});
    }
}

/* The scales of values, upon the weights. */
static void scale_group(struct attend *a, const struct block *b, size_t head, size_t row,
                        size_t rows, const struct group_view *any)
{
    float scales[HEED_BLOCK];

    load_scales(a, &a->task->v_scales, head, b, scales);
    for (size_t r = row; r < row + rows; r++)
        scale_weights(a, weights_of(a, head, r), scales, *any, seen_by(a, r, b));
}

/* Weights of the keys that some row of the group sees; 0 for those that a row does not see. */
INLINE void weigh_group_as(struct attend *a, const struct block *b, size_t head, size_t row,
                           size_t rows, const enum weights_for use)
{
    const struct group_view any = seen_by_group(a, head, row, rows, b);
    const size_t from = any.from / VF_LANES * VF_LANES, to = heed_pad(any.to, VF_LANES);
    const size_t at = head * a->task->rows + row;
    float *const s = weights_of(a, head, row), *const sums = sums_of(a, head, row);
    float *const max = a->s.max + at, *const sum = a->s.sum + at * HEED_LANES;
    const bool begin = sums_begin(a, row, b);

    if (!any.to)
        return;
    if (a->task->rules || any.from || any.all_from || any.all_to < any.to)
        hide_from_group(a, b, head, row, rows, &any);
    else if (any.to % VF_LANES)
        for (size_t r = 0; r < rows; r++)
            hide_rest(s + r * HEED_BLOCK, any.to);
    if (to - from == HEED_BLOCK)
        weigh_rows(s, rows, HEED_BLOCK, &a->octaves, max, sum, sums, a->s.v_pad, begin, use);
    else
        weigh_rows(s + from, rows, to - from, &a->octaves, max, sum, sums, a->s.v_pad, begin, use);
    if (a->task->v_scales.at)
        scale_group(a, b, head, row, rows, &any);
}

static void weigh_group(struct attend *a, const struct block *b, size_t head, size_t row,
                        size_t rows)
{
    weigh_group_as(a, b, head, row, rows, FOR_FMAS);
}

/* Products with 0 are 0, but those of NaN and infinities NaN. */
static bool values_finite(const struct attend *a, const struct values *v, size_t from, size_t to)
{
    const vf zero = vf_zero();
    vf sum = zero;

    if (from >= to || heed_is_byte(v->type)) /* of f8 none is NaN where it is read in place */
        return true;
    for (size_t j = from; j < to; j++) {
        const void *row = row_of_values(v, j);

        for (size_t d = 0; d < heed_pad(a->task->v_dim, VF_LANES); d += VF_LANES)
            sum = vf_fma(load_as(v->type, heed_after(row, (ptrdiff_t)d, v->type), VF_LANES), zero,
                         sum);
    }
    return vf_all_finite(sum);
}

/* The values of keys [from, to), for `rows` rows. */
static void sum_keys(struct attend *a, const struct values *v, const float *w, size_t from,
                     size_t to, const struct ahead *ahead, float *o, bool more, size_t rows)
{
    const size_t v_pad = a->s.v_pad, vectors = heed_pad(a->task->v_dim, VF_LANES) / VF_LANES;

    const void *at = row_of_values(v, from);

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
            sum_keys(a, v, w, from, j, NULL, o, true, 1);
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
    const size_t part = b->first_key % HEED_BLOCK;
    const bool more = !sums_begin(a, row, b);
    const float *w = weights_of(a, head, row) + part;
    float *o = sums_of(a, head, row);

    if (!seen.to)
        return;
    if (values_finite(a, v, seen.from, seen.all_from) &&
        values_finite(a, v, seen.all_to, seen.to)) {
        sum_keys(a, v, w, seen.from, seen.to, row ? NULL : &v->ahead, o, more, rows);
        return;
    }
    for (size_t r = 0; r < rows; r++)
        sum_row(a, v, w + r * HEED_BLOCK, seen_by(a, row + r, b), o + r * a->s.v_pad, more);
}

/* Where the results of rows go. */
static void fetch_results(const struct heed_attend_task *t, size_t row, size_t rows)
{
    struct cursor at = cursor_at(t, row);

    for (size_t r = 0; r < rows; r++, next_row(&at))
        fetch_row(heed_after(t->o, at.h * t->o_head + at.i * t->o_row, t->o_type),
                  t->v_dim * heed_size(t->o_type));
}

/* The weights of a group of rows are used while they are in the first cache. */
static void weigh_block(struct attend *a, const struct block *b)
{
    const struct values v = load_values(a, 0, b);
    const struct heed_attend_task *t = a->task;
    /* Few results are in a cache anyway, or come soon enough: 16 rows of 64 took 4 % longer. */
    const bool fetches = !t->part_state && t->rows * t->v_dim >= MANY_RESULTS;

    for (size_t row = 0, rows; row < t->rows; row += rows) {
        rows = group_rows(t->rows - row);
        weigh_group(a, b, 0, row, rows);
        if (fetches && a->s.sees[row + rows - 1].end <= b->first_key + b->keys)
            fetch_results(t, row, rows);
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
        const struct block part = part_of(b, j, SIDE_KEYS);

        sum_side_by_side(a, &part);
    }
}

#endif
