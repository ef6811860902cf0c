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
 * and not the exponential of a rounding error of 1e22.  Rules have scaled the scores;
 * where they hide a pair its score is -inf, its weight 0 and so its gradient, even beside
 * a NaN.
 */
INLINE void backward_weigh_row(const struct backward *b, size_t r, struct seen seen,
                               const bool streamed, const bool ruled)
{
    const vf scale = vf_set1(b->task->scale);
    const float *lse = b->s.lse, *d = b->s.d;
    float *p = b->s.p + r * HEED_BLOCK, *ds = b->s.ds + r * HEED_BLOCK;

    for (size_t j = seen.from / VF_LANES * VF_LANES; j < seen.to; j += VF_LANES) {
        const vf score = ruled ? vf_load(p + j) : vf_mul(vf_load(p + j), scale);
        const vf e = backward_exp(vf_sub(score, streamed ? vf_load(lse + j) : vf_set1(lse[r])));
        const vf w = ruled ? vf_zero_if_lt(e, score, vf_set1(-FLT_MAX)) : e;
        const vf more = vf_sub(vf_load(ds + j), streamed ? vf_load(d + j) : vf_set1(d[r]));
        const vf gradient = vf_mul(w, more);

        vf_store(p + j, w);
        vf_store(ds + j, ruled ? vf_zero_if_lt(gradient, w, vf_set1(FLT_MIN)) : gradient);
    }
}

/* Zeros for what kept row r does not see of what its group sees, whatever was computed there. */
static void backward_hide(const struct backward *b, const struct backward_block *k, size_t r,
                          struct seen seen, const struct heed_group_sight *group)
{
    float *p = b->s.p + r * HEED_BLOCK, *ds = b->s.ds + r * HEED_BLOCK;

    for (size_t j = group->from; j < group->to; j++)
        if (j < seen.from || j >= seen.to || (j >= seen.hole && j < seen.hole_end) ||
            (k->blind && b->s.lse[j] == -INFINITY))
            p[j] = ds[j] = 0.0f;
}

/* Adds the gradients of the scores of kept query row r to those of the biases. */
static void backward_add_bias(const struct backward *b, const struct block *k, size_t r,
                              struct seen seen)
{
    const struct heed_backward_task *t = b->task;
    const ptrdiff_t row = (ptrdiff_t)(t->first_row + r);
    const ptrdiff_t key = (ptrdiff_t)(k->first_key + seen.from);

    if (b->s.lse[r] != -INFINITY)
        add_gradients(t->d_bias + row * t->d_bias_row + key * t->d_bias_key, t->d_bias_key,
                      b->s.ds + r * HEED_BLOCK + seen.from, seen.to - seen.from);
}

/* The same with rules before it, and with what is between scores and their rules after it. */
static void backward_weigh_by_rules(const struct backward *b, const struct backward_block *k,
                                    size_t r, struct seen seen,
                                    const struct heed_group_sight *group)
{
    const size_t from = seen.from / VF_LANES * VF_LANES, n = seen.to - from;
    const float cap = b->task->rules ? b->rules.softcap : 0.0f, scale = b->task->scale;
    float *p = b->s.p + r * HEED_BLOCK + from, *ds = b->s.ds + r * HEED_BLOCK + from;
    float slope[HEED_BLOCK];

    if (cap != 0.0f)
        cap_slopes(cap, scale, p, slope, n);
    apply_rules(&b->rules, &b->s.rules[r], scale, p - from, k->at.first_key, seen);
    if (b->task->keeps_queries)
        backward_weigh_row(b, r, seen, false, true);
    else
        backward_weigh_row(b, r, seen, true, true);
    backward_hide(b, k, r, seen, group);
    if (b->task->d_bias)
        backward_add_bias(b, &k->at, r, seen);
    for (size_t j = 0; cap != 0.0f && j < n; j += VF_LANES)
        vf_store(ds + j, vf_zero_if_lt(vf_mul(vf_load(ds + j), vf_load(slope + j)), vf_load(p + j),
                                       vf_set1(FLT_MIN)));
}

static void backward_weigh(const struct backward *b, const struct backward_block *k, size_t row,
                           size_t rows, const struct heed_group_sight *group)
{
    for (size_t r = row; r < row + rows; r++) {
        const struct seen seen = backward_seen(b, r, &k->at);

        if (b->task->rules && seen.from < seen.to) {
            backward_weigh_by_rules(b, k, r, seen, group);
            continue;
        }
        if (seen.from >= seen.to)
            ; /* and nothing to weigh */
        else if (b->task->keeps_queries)
            backward_weigh_row(b, r, seen, false, false);
        else
            backward_weigh_row(b, r, seen, true, false);
        if (k->blind || seen.from > group->from || seen.to < group->to || seen.hole < seen.hole_end)
            backward_hide(b, k, r, seen, group);
        if (b->task->d_bias && seen.from < seen.to)
            backward_add_bias(b, &k->at, r, seen);
    }
}

#endif
