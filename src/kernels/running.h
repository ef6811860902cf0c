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

#include "kernels/scale.h"
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
    const float factor = fabsf(scale) * 1.44269504f, lowest = -110.0f / factor;

    return (struct octaves){factor, lowest < -FLT_MAX ? -FLT_MAX : lowest, 16.0f / factor};
}

INLINE vf weight_of(vf difference, const struct octaves *o)
{
    return vf_exp2_scaled(difference, vf_set1(o->factor), vf_set1(o->lowest));
}

/* What multiplies weights: FMAs; a matrix unit, as they are; or one of bf16, which they become. */
enum weights_for { FOR_FMAS, FOR_UNIT, FOR_BF16 };

/* Of n vectors: y = the weights of x relative to `base`, rounded to bf16 for a matrix unit. */
INLINE vf weigh_some(const float *x, float *y, vf base, const struct octaves *oct, vf total,
                     const bool rounded, const int n)
{
    vf w[EXP2_VECS];

    UNROLL for (int i = 0; i < n; i++) w[i] = vf_sub(vf_load(x + i * VF_LANES), base);
    vf_exp2_scaled_all(w, vf_set1(oct->factor), vf_set1(oct->lowest), n);
    UNROLL for (int i = 0; i < n; i++)
    {
        if (rounded)
            w[i] = vf_nearest_bf16(w[i]);
        vf_store(y + i * VF_LANES, w[i]);
        total = vf_add(total, w[i]);
    }
    return total;
}

/* The same of `whole` numbers, which fill vectors; returns `total` and the sum of the weights. */
INLINE vf weigh_whole(const float *x, float *y, size_t whole, vf base, const struct octaves *oct,
                      vf total, const bool rounded)
{
    size_t j = 0;

    for (; j + EXP2_VECS * VF_LANES <= whole; j += EXP2_VECS * VF_LANES)
        total = weigh_some(x + j, y + j, base, oct, total, rounded, EXP2_VECS);
    for (; j < whole; j += VF_LANES)
        total = weigh_some(x + j, y + j, base, oct, total, rounded, 1);
    return total;
}

/* The maximum of a row rises, which is rare: what was summed before is scaled, if anything was. */
APART void raise_row(float raised, const struct octaves *oct, float *max, float *sum, float *o,
                     size_t v_pad, bool first, bool unit)
{
    if (!first) {
        const vf by = weight_of(vf_set1(*max - raised), oct);

        vf_store(sum, vf_mul(vf_load(sum), by));
        if (unit)
            scale_row_of_unit(o, v_pad, by);
        else
            scale_row(o, v_pad, by);
    }
    *max = raised;
}

/*
 * Turns `whole` scores of one row (whole vectors) into weights.  Updates max and
 * sum (by lane); where the maximum rises, scales what was summed before: sum and
 * the v_pad numbers of o, unless this block is the `first`.  Where weights are rounded,
 * it is the rounded ones that are summed.
 */
INLINE void weigh_vectors(float *s, size_t whole, const struct octaves *oct, float *max, float *sum,
                          float *o, size_t v_pad, bool first, const enum weights_for use)
{
    vf top = vf_load(s);

    for (size_t j = VF_LANES; j < whole; j += VF_LANES)
        top = vf_max(top, vf_load(s + j));
    if (vf_any_gt(top, vf_set1(*max + oct->lazy)))
        raise_row(vf_reduce_max(top), oct, max, sum, o, v_pad, first, use != FOR_FMAS);
    vf_store(sum, weigh_whole(s, s, whole, vf_set1(*max), oct, vf_load(sum), use == FOR_BF16));
}

/* The same for some rows of a whole block: the common case, with a constant length. */
INLINE void weigh_whole_rows(float *s, size_t rows, const struct octaves *oct, float *max,
                             float *sum, float *o, size_t v_pad, bool first,
                             const enum weights_for use)
{
    for (size_t r = 0; r < rows; r++)
        weigh_vectors(s + r * HEED_BLOCK, HEED_BLOCK, oct, max + r, sum + r * HEED_LANES,
                      o + r * v_pad, v_pad, first, use);
}

INLINE void fill(float *x, size_t n, float with)
{
    for (size_t i = 0; i < n; i++)
        x[i] = with;
}

struct span {
    size_t from, to;
};

/* The weights of a row that sees the keys `seen` of a block, and zeros in the rest of `any`. */
INLINE void weigh_row(float *s, struct span seen, struct span any, const struct octaves *oct,
                      float *max, float *sum, float *o, size_t v_pad, bool first,
                      const enum weights_for use)
{
    const size_t from = seen.from / VF_LANES * VF_LANES, whole = heed_pad(seen.to, VF_LANES);

    if (seen.from < seen.to) {
        fill(s + from, seen.from - from, -INFINITY);
        if (seen.to < whole) {
            float *last = s + whole - VF_LANES;

            vf_store(last, vf_keep_first(vf_load(last), VF_LANES - (whole - seen.to),
                                         vf_set1(-INFINITY)));
        }
        weigh_vectors(s + from, whole - from, oct, max, sum, o, v_pad, first, use);
        if (any.from < from)
            fill(s + any.from, from - any.from, 0.0f);
        if (whole < any.to)
            fill(s + whole, any.to - whole, 0.0f);
    } else {
        fill(s + any.from, any.to - any.from, 0.0f);
    }
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

/* A row to be written. */
struct out {
    void *at;
    heed_dtype type;
    float times; /* of what was summed: see loaded_times() */
};

/* What a row's sums are multiplied by; its log-sum-exp is top + log(total). */
struct row_end {
    float factor, top, total;
};

/* Without weights zeros, and a log-sum-exp of -inf. */
static struct row_end end_without_sink(const struct heed_row_state *state, float scale)
{
    if (state->sum == 0.0f)
        return (struct row_end){0.0f, -INFINITY, 1.0f};
    return (struct row_end){1.0f / state->sum, state->max * fabsf(scale), state->sum};
}

/* The sink is one more score, whose value is zero. */
static struct row_end end_with_sink(const struct heed_row_state *state, float scale, float sink)
{
    const bool none = state->sum == 0.0f;
    const float max = none ? sink : state->max * fabsf(scale), top = fmaxf(max, sink);
    const float kept = none ? 0.0f : expf(max - top);
    const float total = state->sum * kept + expf(sink - top);

    return (struct row_end){kept / total, top, total};
}

/* y = x factor; whole vectors of f32, as nearly always, without asking for the type of each. */
INLINE void store_times(struct out y, const float *x, size_t n, vf factor)
{
    if (y.type == HEED_F32 && n % VF_LANES == 0) {
        for (size_t d = 0; d < n; d += VF_LANES)
            vf_store((float *)y.at + d, vf_mul(vf_load(x + d), factor));
        return;
    }
    for (size_t d = 0; d < n; d += VF_LANES)
        store_as(y.type, (char *)y.at + d * heed_size(y.type), vf_mul(vf_load(x + d), factor),
                 n - d);
}

/* o = sums / sum of weights, and the log-sum-exp.  A sink of -inf is none. */
static void finish_row(const struct heed_row_state *state, float *sums, size_t v_dim, float scale,
                       float sink, struct out o, float *lse)
{
    const struct row_end end =
        sink > -INFINITY ? end_with_sink(state, scale, sink) : end_without_sink(state, scale);

    if (lse) /* a logarithm is 0.5 % of a call of 512 rows and 64 dims */
        *lse = end.top + logf(end.total);
    if (state->sum == 0.0f) /* then nothing was summed */
        fill(sums, heed_pad(v_dim, VF_LANES), 0.0f);
    store_times(o, sums, v_dim, vf_set1(end.factor * o.times));
}

#endif
