/* SPDX-License-Identifier: MIT */
/*
 * running.h - the running softmax of a row: scores to weights, maxima, merges.
 *
 * Weights are 2^((score - max) scale log2 e).  The difference is taken first, on
 * unscaled scores: it is exact near the maximum, where weights are large, so the
 * largest weight of a row with scores of 1e30 is 1 and not 2^(rounding error).
 *
 * The maximum of a row is raised only when a block exceeds it by more than 16
 * octaves, so it is a maximum only roughly; sums stay below 2^16 x keys, or 2^32 x keys
 * where scores are so large that what raises the maximum is rounded up in the sum with it.
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
    float tiny;   /* the same as lowest where weights are of bf16: their smallest normal number */
};

/*
 * Weights below 2^-110 become 0: less than 2^-94 of the row's largest, far below
 * rounding, while products with values down to 2^-16 stay out of the denormals.
 */
static inline struct octaves octaves_of(float scale)
{
    const float factor = fabsf(scale) * 1.44269504f, lowest = -110.0f / factor;
    const float tiny = -126.75f / factor, lazy = 16.0f / factor;

    /* Scores are below 2^126, so that none exceeds another by more; from -FLT_MAX any raises. */
    return (struct octaves){factor, lowest < -FLT_MAX ? -FLT_MAX : lowest,
                            lazy < 0x1p127f ? lazy : 0x1p127f, tiny < -FLT_MAX ? -FLT_MAX : tiny};
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
    if (EXP2_VECS == 4 && j + 3 * VF_LANES == whole)
        return weigh_some(x + j, y + j, base, oct, total, rounded, 3);
    if (EXP2_VECS == 4 && j + 2 * VF_LANES == whole)
        return weigh_some(x + j, y + j, base, oct, total, rounded, 2);
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

/* The largest of `whole` scores, by lane. */
INLINE vf top_of(const float *s, size_t whole)
{
    vf top = vf_load(s);

    for (size_t j = VF_LANES; j < whole; j += VF_LANES)
        top = vf_max(top, vf_load(s + j));
    return top;
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
    const vf top = top_of(s, whole);

    if (vf_any_gt(top, vf_set1(*max + oct->lazy)))
        raise_row(vf_reduce_max(top), oct, max, sum, o, v_pad, first, use != FOR_FMAS);
    vf_store(sum, weigh_whole(s, s, whole, vf_set1(*max), oct, vf_load(sum), use == FOR_BF16));
}

/*
 * The same for rows of `whole` scores each.  Those of a first block raise the maximum nearly
 * always: the maxima of all rows before their weights, so that none waits for the other.
 */
INLINE void weigh_rows(float *s, size_t rows, size_t whole, const struct octaves *oct, float *max,
                       float *sum, float *o, size_t v_pad, bool first, const enum weights_for use)
{
    if (!first) {
        for (size_t r = 0; r < rows; r++)
            weigh_vectors(s + r * HEED_BLOCK, whole, oct, max + r, sum + r * HEED_LANES,
                          o + r * v_pad, v_pad, false, use);
        return;
    }
    for (size_t r = 0; r < rows; r++) {
        const float top = vf_reduce_max(top_of(s + r * HEED_BLOCK, whole));

        max[r] = top > max[r] + oct->lazy ? top : max[r];
    }
    for (size_t r = 0; r < rows; r++, s += HEED_BLOCK, sum += HEED_LANES)
        vf_store(sum,
                 weigh_whole(s, s, whole, vf_set1(max[r]), oct, vf_load(sum), use == FOR_BF16));
}

INLINE void fill(float *x, size_t n, float with)
{
    for (size_t i = 0; i < n; i++)
        x[i] = with;
}

struct span {
    size_t from, to;
};

/* Of the last vector of a row's scores only `keys` of all of them are seen. */
INLINE void hide_rest(float *s, size_t keys)
{
    const size_t rest = keys % VF_LANES;
    float *const last = s + keys - rest;

    if (rest)
        vf_store(last, vf_keep_first(vf_load(last), rest, vf_set1(-INFINITY)));
}

/* Of the first vector of a row's scores those before `from` are not seen. */
INLINE void hide_begin(float *s, size_t from)
{
    const size_t hidden = from % VF_LANES;
    float *const first = s + from - hidden;

    if (hidden)
        vf_store(first, vf_keep_first(vf_set1(-INFINITY), hidden, vf_load(first)));
}

/* Of a row's scores in `all`, whole vectors, only those of the keys `seen` weigh anything. */
INLINE void hide_unseen(float *s, struct span all, struct span seen)
{
    const vf hidden = vf_set1(-INFINITY);

    if (seen.from >= seen.to)
        seen.from = seen.to = all.to;
    for (size_t j = all.from; j + VF_LANES <= seen.from; j += VF_LANES)
        vf_store(s + j, hidden);
    if (seen.from < all.to)
        hide_begin(s, seen.from);
    hide_rest(s, seen.to);
    for (size_t j = heed_pad(seen.to, VF_LANES); j < all.to; j += VF_LANES)
        vf_store(s + j, hidden);
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

/* y = x factor; f32, as nearly always, without asking for the type of each vector. */
INLINE void store_times(struct out y, const float *x, size_t n, vf factor)
{
    const size_t whole = y.type == HEED_F32 ? n / VF_LANES * VF_LANES : 0;

    for (size_t d = 0; d < whole; d += VF_LANES)
        vf_store((float *)y.at + d, vf_mul(vf_load(x + d), factor));
    for (size_t d = whole; d < n; d += VF_LANES)
        store_as(y.type, (char *)y.at + d * heed_size(y.type), vf_mul(vf_load(x + d), factor),
                 n - d);
}

/* o = sums / sum of weights, and the log-sum-exp.  A sink of -inf is none. */
INLINE void finish_row(const struct heed_row_state *state, float *sums, size_t v_dim, float scale,
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
