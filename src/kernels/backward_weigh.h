/* SPDX-License-Identifier: MIT */
/*
 * backward_weigh.h - from a block of streamed rows to weights and gradients of scores.
 *
 * P = exp(scale q k^T - lse), dP = d_o v^T, dS = P (dP - D) with D = d_o . o for each
 * query row (Dao 2023, arXiv:2307.08691, algorithm 2).  The tiles are those of
 * attention, so a score has the bits that it had there.
 */
#ifndef HEED_KERNELS_BACKWARD_WEIGH_H
#define HEED_KERNELS_BACKWARD_WEIGH_H

#include <math.h>

#include "kernels/backward_masks.h"
#include "kernels/backward_products.h"

/*
 * exp(x); 0 below 2^-110, as in attention.  With an lse that belongs to these scores x is
 * hardly above 0 where it is seen.  Past 87, where the quick exponential ends, the careful
 * one takes over, lane by lane: the bits of a weight must not depend on its neighbours.
 */
INLINE vf backward_exp(vf x)
{
    const float most = 87.0f;
    const vf quick = vf_exp2_scaled(x, vf_set1(1.44269504f), vf_set1(-0x1.30fcp+6f));
    float lane[VF_LANES], weight[VF_LANES], careful[VF_LANES];

    if (!vf_any_gt(x, vf_set1(most)))
        return quick;
    vf_store(lane, x);
    vf_store(weight, quick);
    vf_store(careful, vf_exp(x));
    for (size_t i = 0; i < VF_LANES; i++)
        if (lane[i] > most)
            weight[i] = careful[i];
    return vf_load(weight);
}

/*
 * Scores and gradients of weights of kept row r to weights and gradients of scores.
 * The scaled score is rounded before lse is taken away, as in attention, where lse of a
 * row of huge scores is the largest of these products: what was 1 there is 1 again,
 * and not the exponential of a rounding error of 1e22.  Rules may have scaled the scores.
 */
INLINE void backward_weigh_row(const struct backward *b, size_t r, struct span span,
                               const bool streamed, const bool moved)
{
    const vf scale = vf_set1(b->task->scale);
    const float *lse = b->s.lse, *d = b->s.d;
    float *p = b->s.p + r * HEED_BLOCK, *ds = b->s.ds + r * HEED_BLOCK;

    for (size_t j = span.from / VF_LANES * VF_LANES; j < span.to; j += VF_LANES) {
        const vf score = moved ? vf_load(p + j) : vf_mul(vf_load(p + j), scale);
        const vf w = backward_exp(vf_sub(score, streamed ? vf_load(lse + j) : vf_set1(lse[r])));
        const vf more = vf_sub(vf_load(ds + j), streamed ? vf_load(d + j) : vf_set1(d[r]));

        vf_store(p + j, w);
        vf_store(ds + j, vf_mul(w, more));
    }
}

static void backward_weigh_span(const struct backward *b, size_t r, struct span span)
{
    if (b->task->keeps_queries && b->moved)
        backward_weigh_row(b, r, span, false, true);
    else if (b->task->keeps_queries)
        backward_weigh_row(b, r, span, false, false);
    else if (b->moved)
        backward_weigh_row(b, r, span, true, true);
    else
        backward_weigh_row(b, r, span, true, false);
}

/* Zeros for what kept row r does not see of what its group sees, whatever was computed there. */
static void backward_hide_by_place(const struct backward *b, const struct backward_block *k,
                                   size_t r, struct seen seen, const struct heed_group_sight *group)
{
    float *p = b->s.p + r * HEED_BLOCK, *ds = b->s.ds + r * HEED_BLOCK;

    for (size_t j = group->from; j < group->to; j++)
        if (j < seen.from || j >= seen.to || (j >= seen.hole && j < seen.hole_end) ||
            (k->blind && b->s.lse[j] == -INFINITY))
            p[j] = ds[j] = 0.0f;
}

static void backward_hide(const struct backward *b, const struct backward_block *k, size_t r,
                          struct seen seen, const struct heed_group_sight *group)
{
    const uint64_t keys = k->at.masked ? b->s.left[r] : UINT64_MAX;

    if (~keys & heed_bits_between(group->from, group->to)) {
        keep_bits_of_block(b->s.p + r * HEED_BLOCK, keys, vf_zero());
        keep_bits_of_block(b->s.ds + r * HEED_BLOCK, keys, vf_zero());
    }
    if (k->blind || (!k->at.masked &&
                     (seen.from > group->from || seen.to < group->to || seen.hole < seen.hole_end)))
        backward_hide_by_place(b, k, r, seen, group);
}

/* Adds the gradients of the scores of kept query row r to those of the biases. */
static void backward_add_bias(const struct backward *b, const struct block *k, size_t r,
                              struct span span)
{
    const struct heed_backward_task *t = b->task;
    const ptrdiff_t row = (ptrdiff_t)(t->first_row + r);
    const ptrdiff_t key = (ptrdiff_t)(k->first_key + span.from);

    if (b->s.lse[r] != -INFINITY)
        add_gradients(t->d_bias + row * t->d_bias_row + key * t->d_bias_key, t->d_bias_key,
                      b->s.ds + r * HEED_BLOCK + span.from, span.to - span.from);
}

/*
 * Scores to those after the rules.  Biases that were turned count from the first of the block; of
 * others only those of pairs are read that see each other by their positions.
 */
static void backward_move(const struct backward *b, const struct block *k, size_t r,
                          struct span span, struct seen seen)
{
    struct heed_row_rules row = b->s.rules[r];
    const size_t from = span.from / VF_LANES * VF_LANES;
    size_t first = k->first_key;

    if (b->turns_biases) {
        row.bias = (const char *)(b->s.biases + r * HEED_BLOCK);
        row.position -= (ptrdiff_t)first;
        first = 0;
    } else if (reads_biases(&b->rules) && (from < span.from || seen.hole < seen.hole_end)) {
        move_seen(&b->rules, &row, b->task->scale, b->s.p + r * HEED_BLOCK, first,
                  (struct seen){span.from, span.to, seen.hole, seen.hole_end});
        return;
    }
    move_scores(&b->rules, &row, 1, b->task->scale, b->s.p + r * HEED_BLOCK + from, first + from,
                span.to - from);
}

static void backward_weigh(const struct backward *b, const struct backward_block *k, size_t row,
                           size_t rows, const struct heed_group_sight *group)
{
    const float cap = b->moved ? b->rules.softcap : 0.0f;
    float slope[HEED_BLOCK];

    for (size_t r = row; r < row + rows; r++) {
        const struct seen seen = backward_seen(b, r, &k->at);
        const struct span span = {seen.from > group->from ? seen.from : group->from,
                                  seen.to < group->to ? seen.to : group->to};
        const size_t from = span.from / VF_LANES * VF_LANES;
        float *const p = b->s.p + r * HEED_BLOCK, *const ds = b->s.ds + r * HEED_BLOCK;
        const bool any = span.from < span.to;

        if (any && cap != 0.0f)
            cap_slopes(cap, b->task->scale, p + from, slope + from, span.to - from);
        if (any && b->moved)
            backward_move(b, &k->at, r, span, seen);
        if (any)
            backward_weigh_span(b, r, span);
        backward_hide(b, k, r, seen, group);
        if (any && b->task->d_bias)
            backward_add_bias(b, &k->at, r, span);
        for (size_t j = from; any && cap != 0.0f && j < span.to; j += VF_LANES)
            vf_store(ds + j, vf_zero_if_lt(vf_mul(vf_load(ds + j), vf_load(slope + j)),
                                           vf_load(p + j), vf_set1(FLT_MIN)));
    }
}

#endif
