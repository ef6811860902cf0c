/* SPDX-License-Identifier: MIT */
/*
 * running.h - the running softmax of a row: scores to weights, maxima, merges.
 *
 * Weights are 2^((score - max) scale log2 e).  The difference is taken first, on
 * unscaled scores: it is exact near the maximum, where weights are large, so the
 * largest weight of a row with scores of 1e30 is 1 and not 2^(rounding error).
 *
 * The maximum of a row is raised only when a block exceeds it by more than 16
 * octaves, so it is a maximum only roughly; sums stay below 2^16 x keys.
 */
#ifndef HEED_KERNELS_RUNNING_H
#define HEED_KERNELS_RUNNING_H

#include <math.h>

#include "kernels/tile.h"
#include "scratch.h"

/* Constants of a call. */
struct octaves {
    float factor; /* scale log2 e: from scores to octaves */
    float lowest; /* score differences below it weigh 0 */
    float lazy;   /* score excess over the maximum that raises it */
};

/*
 * Weights below 2^-110 become 0: less than 2^-94 of the row's largest, far below
 * rounding, while products with values down to 2^-16 stay out of the denormals.
 */
static inline struct octaves octaves_of(float scale)
{
    const float factor = fabsf(scale) * 1.44269504f;

    return (struct octaves){factor, fmaxf(-110.0f / factor, -FLT_MAX), 16.0f / factor};
}

INLINE vf weight_of(vf difference, const struct octaves *o)
{
    return vf_exp2_scaled(difference, vf_set1(o->factor), vf_set1(o->lowest));
}

INLINE void scale_row(float *x, size_t n, vf by)
{
    for (size_t i = 0; i < n; i += VF_LANES)
        vf_store(x + i, vf_mul(vf_load(x + i), by));
}

/*
 * Turns `whole` scores of one row (whole vectors) into weights.  Updates max and
 * sum (by lane); where the maximum rises, scales what was summed before: sum and
 * the v_pad numbers of o, unless this block is the `first`.
 */
INLINE void weigh_vectors(float *s, size_t whole, const struct octaves *oct, float *max, float *sum,
                          float *o, size_t v_pad, bool first)
{
    vf top = vf_load(s), total = vf_load(sum);

    for (size_t j = VF_LANES; j < whole; j += VF_LANES)
        top = vf_max(top, vf_load(s + j));
    if (vf_any_gt(top, vf_set1(*max + oct->lazy))) {
        const float raised = vf_reduce_max(top);

        if (!first) {
            const vf by = weight_of(vf_set1(*max - raised), oct);

            total = vf_mul(total, by);
            scale_row(o, v_pad, by);
        }
        *max = raised;
    }

    const vf base = vf_set1(*max);
    for (size_t j = 0; j < whole; j += VF_LANES) {
        const vf w = weight_of(vf_sub(vf_load(s + j), base), oct);

        vf_store(s + j, w);
        total = vf_add(total, w);
    }
    vf_store(sum, total);
}

/* The weights of a row that sees the first `seen` keys of a block, and zeros up to `width`. */
INLINE void weigh_row(float *s, size_t seen, size_t width, const struct octaves *oct, float *max,
                      float *sum, float *o, size_t v_pad, bool first)
{
    if (seen == HEED_BLOCK) { /* the common case, with a constant length */
        weigh_vectors(s, HEED_BLOCK, oct, max, sum, o, v_pad, first);
        return;
    }

    const size_t whole = heed_pad(seen, VF_LANES);
    if (seen < whole) {
        float *last = s + whole - VF_LANES;

        vf_store(last, vf_keep_first(vf_load(last), VF_LANES - (whole - seen), vf_set1(-INFINITY)));
    }
    if (seen)
        weigh_vectors(s, whole, oct, max, sum, o, v_pad, first);
    for (size_t j = whole; j < width; j++)
        s[j] = 0.0f;
}

/*
 * Merges a later partial result into an earlier one (Milakov & Gimelshein 2018,
 * section 3.1).  A part without weights leaves every bit alone.
 */
static void merge_state(struct heed_row_state *into, float *into_o,
                        const struct heed_row_state *from, const float *from_o, size_t v_pad,
                        const struct octaves *oct)
{
    if (from->sum == 0.0f)
        return;
    if (into->sum == 0.0f) {
        *into = *from;
        memcpy(into_o, from_o, v_pad * sizeof *into_o);
        return;
    }

    const float max = into->max > from->max ? into->max : from->max;
    const vf a = weight_of(vf_set1(into->max - max), oct);
    const vf b = weight_of(vf_set1(from->max - max), oct);
    float lane[VF_LANES];

    vf_store(lane, vf_fma(vf_set1(into->sum), a, vf_mul(vf_set1(from->sum), b)));
    *into = (struct heed_row_state){max, lane[0]};
    for (size_t d = 0; d < v_pad; d += VF_LANES) {
        const vf later = vf_mul(vf_load(from_o + d), b);

        vf_store(into_o + d, vf_fma(vf_load(into_o + d), a, later));
    }
}

/* o = sums / sum of weights, and the log-sum-exp; zeros and -inf without weights. */
static void finish_row(const struct heed_row_state *state, const float *sums, size_t v_dim,
                       float scale, float *o, float *lse)
{
    const bool none = state->sum == 0.0f;
    const vf inverse = vf_set1(none ? 0.0f : 1.0f / state->sum);

    if (lse)
        *lse = none ? -INFINITY : state->max * fabsf(scale) + logf(state->sum);
    for (size_t d = 0; d < v_dim; d += VF_LANES) {
        const vf x = none ? vf_zero() : vf_mul(vf_load(sums + d), inverse);

        vf_store_upto(o + d, x, v_dim - d);
    }
}

#endif
