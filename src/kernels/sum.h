/* SPDX-License-Identifier: MIT */
/* sum.h - the weights of a block, and its values weighted and summed. */
#ifndef HEED_KERNELS_SUM_H
#define HEED_KERNELS_SUM_H

#include "kernels/scales.h"

enum { MANY_RESULTS = 8192 /* numbers, 32 KiB */ };

/*
 * Rules move the scores of rows against those keys that some row of their group sees: what is
 * hidden from one of them is hidden later.  Biases are read of keys alone that their row sees by
 * its position.
 */
static void move_rows(const struct attend *a, const struct block *b, size_t head, size_t row,
                      size_t rows, const struct group_view *any, float *s)
{
    const struct heed_attend_task *t = a->task;
    const struct heed_row_rules *const own = &a->s.rules[head * t->rows + row];
    const size_t from = any->from / VF_LANES * VF_LANES;
    const bool all = any->from == from && any->all_from == from && any->all_to == any->to;

    if (!reads_biases(t->rules) || all || see_whole(b, row, rows)) {
        move_scores(t->rules, own, rows, t->scale, s + from, b->first_key + from, any->to - from);
        return;
    }
    for (size_t r = 0; r < rows; r++)
        move_seen(t->rules, own + r, t->scale, s + r * HEED_BLOCK, b->first_key,
                  seen_by(a, row + r, b));
}

/* Scores become -inf where a row does not see what others of its group see; `all`: whole vectors.
 */
static void hide_by_place(const struct attend *a, const struct block *b, size_t row, size_t rows,
                          struct span all, float *s)
{
    for (size_t r = row; r < row + rows; r++, s += HEED_BLOCK) {
        const struct seen seen = seen_by(a, r, b);

        if (seen.hole < seen.hole_end)
            fill(s + seen.hole, seen.hole_end - seen.hole, -INFINITY);
        hide_unseen(s, all, (struct span){seen.from, seen.to});
    }
}

static void hide_by_masks(const uint64_t *keys, size_t rows, struct span all, float *s)
{
    const uint64_t some = heed_bits_between(all.from, all.to);

    for (size_t r = 0; r < rows; r++, s += HEED_BLOCK)
        if (~keys[r] & some)
            keep_bits_of_block(s, keys[r], vf_set1(-INFINITY));
}

static void hide_from_rows(const struct attend *a, const struct block *b, size_t head, size_t row,
                           size_t rows, struct span all, float *s)
{
    if (b->masked)
        hide_by_masks(a->s.left.rows + head * a->task->rows + row, rows, all, s);
    else
        hide_by_place(a, b, row, rows, all, s);
}

/* The scales of values, upon the weights. */
static void scale_group(struct attend *a, const struct block *b, size_t head, size_t row,
                        size_t rows, const struct group_view *any)
{
    float scales[HEED_BLOCK];

    load_scales(a, &a->task->v_scales, head, b, scales);
    for (size_t r = row; r < row + rows; r++)
        scale_weights(weights_of(a, head, r), scales, *any, keys_seen_by(a, head, r, b));
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

    if (!any.to)
        return;
    const bool begin = begins(a, head, row, WEIGHED);

    if (a->moved)
        move_rows(a, b, head, row, rows, &any, s);
    if (any.from || any.all_from || any.all_to < any.to)
        hide_from_rows(a, b, head, row, rows, (struct span){from, to}, s);
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

/*
 * Adds 0 x for the numbers x of a row of values: NaN where one of them is not finite.  To four sums
 * by turns: one would wait for itself.
 */
INLINE void add_zeros(heed_dtype type, const void *row, size_t n, vf sum[4])
{
    size_t d = 0;

    for (; d + 4 * VF_LANES <= n; d += 4 * VF_LANES, row = heed_after(row, 4 * VF_LANES, type))
        UNROLL for (int i = 0; i < 4; i++) sum[i] =
            vf_fma(load_as(type, heed_after(row, i * VF_LANES, type), VF_LANES), vf_zero(), sum[i]);
    for (; d < n; d += VF_LANES, row = heed_after(row, VF_LANES, type))
        sum[0] = vf_fma(load_as(type, row, VF_LANES), vf_zero(), sum[0]);
}

/* Products with 0 are 0, but those of NaN and infinities NaN.  Values of these keys, a bit each. */
static bool values_finite(const struct attend *a, const struct values *v, uint64_t keys)
{
    const size_t n = heed_pad(a->task->v_dim, VF_LANES);
    vf sum[4] = {vf_zero(), vf_zero(), vf_zero(), vf_zero()};

    if (heed_is_byte(v->type)) /* of f8 none is NaN where it is read in place */
        return true;
    for (; keys; keys &= keys - 1) {
        const void *row = row_of_values(v, heed_first_bit(keys));

        if (v->type == HEED_F32)
            add_zeros(HEED_F32, row, n, sum);
        else if (v->type == HEED_F16)
            add_zeros(HEED_F16, row, n, sum);
        else
            add_zeros(HEED_BF16, row, n, sum);
    }
    return vf_all_finite(vf_add(vf_add(sum[0], sum[1]), vf_add(sum[2], sum[3])));
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

/* One row over the keys that it sees, one run of them after the other. */
static void sum_row(struct attend *a, const struct values *v, const float *w, uint64_t keys,
                    float *o, bool more)
{
    if (!more)
        fill(o, a->s.v_pad, 0.0f);
    while (keys) {
        const size_t from = heed_first_bit(keys), to = heed_run_end(keys, from);

        sum_keys(a, v, w, from, to, NULL, o, true, 1);
        keys &= ~heed_bits_below(to);
    }
}

/* Which of these values are not finite: each is looked at once for all rows of a head. */
static uint64_t bad_values(struct attend *a, const struct values *v, size_t head,
                           const struct block *b, uint64_t keys)
{
    struct checked *const c = checked_of(a, head, b);
    uint64_t left = keys & ~c->keys;

    c->keys |= keys;
    if (left && values_finite(a, v, left))
        left = 0;
    for (; left; left &= left - 1)
        if (!values_finite(a, v, left & ~(left - 1)))
            c->bad |= left & ~(left - 1);
    return keys & c->bad;
}

/* Whether a group can take values that some of its rows do not see, times their weight of 0. */
static bool hidden_finite(struct attend *a, const struct block *b, const struct values *v,
                          size_t head, size_t row, const struct group_view *seen)
{
    uint64_t hidden = heed_bits_between(seen->from, seen->to);

    if (!b->masked) {
        hidden &= ~heed_bits_between(seen->all_from, seen->all_to);
        return !hidden || values_finite(a, v, hidden);
    }
    hidden &= ~keys_all_see(a, head, row, b);
    return !hidden || !bad_values(a, v, head, b, hidden);
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
    const float *w = weights_of(a, head, row) + part;
    float *o = sums_of(a, head, row);

    if (!seen.to)
        return;
    const bool more = !begins(a, head, row, SUMMED);

    if (hidden_finite(a, b, v, head, row, &seen)) {
        sum_keys(a, v, w, seen.from, seen.to, row ? NULL : &v->ahead, o, more, rows);
        return;
    }
    for (size_t r = 0; r < rows; r++)
        sum_row(a, v, w + r * HEED_BLOCK, keys_seen_by(a, head, row + r, b), o + r * a->s.v_pad,
                more);
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
