/* SPDX-License-Identifier: MIT */
/*
 * small.h - attention where dims fit one vector, and keys one or two: no memory, no panels.
 *
 * Here lanes are query rows, so that nothing is reduced across lanes: for six words
 * of three numbers a quarter of the instructions of lanes that are keys.  The chains,
 * and the tree of the sum, are those of attend.h, and so are the bits.
 */
#ifndef HEED_KERNELS_SMALL_H
#define HEED_KERNELS_SMALL_H

#include "kernels/running.h"

enum { SMALL_KEYS = HEED_SMALL_KEYS(VF_LANES) };

/*
 * x[dim] for up to VF_LANES dense rows of x: lanes are rows, those missing 0.  A vector
 * may hold the begin of the next rows as well, whose numbers then come after `dim`.
 */
INLINE void load_across(const float *x, size_t rows, size_t dim, vf across[VF_LANES])
{
    if (dim <= VF_NARROW) {
        vf_load_narrow(x, rows * dim, dim, across);
        return;
    }
    UNROLL for (size_t r = 0; r < VF_LANES; r++) across[r] =
        r < rows ? vf_load_upto(x + r * dim, (rows - r) * dim) : vf_zero();
    vf_transpose(across);
}

/* Stores rows from lanes, each over what the one before left behind its end. */
INLINE void store_across(vf across[VF_LANES], float *o, size_t rows, size_t dim)
{
    if (dim <= VF_NARROW) {
        vf_store_narrow(o, rows * dim, dim, across);
        return;
    }
    vf_transpose(across);
    UNROLL for (size_t r = 0; r < VF_LANES; r++) if (r < rows)
        vf_store_upto(o + r * dim, across[r], (rows - r) * dim);
}

/* Scores of up to VF_LANES rows for each key; returns the largest of each row. */
INLINE vf score_across(const struct heed_small_task *t, const vf q[VF_LANES], vf s[SMALL_KEYS],
                       const size_t qk_dim)
{
    const float *k = t->k;
    vf max = vf_set1(-FLT_MAX);

    for (size_t j = 0; j < t->keys; j++, k += qk_dim) {
        vf sum = vf_zero();

        UNROLL for (size_t d = 0; d < qk_dim; d++) sum = vf_fma(q[d], vf_set1(k[d]), sum);
        s[j] = sum;
        max = vf_max(sum, max);
    }
    return max;
}

/* Turns scores into weights, and sums values by them; returns the sums of the weights. */
INLINE vf weigh_across(const struct heed_small_task *t, vf w[SMALL_KEYS], vf max, vf o[VF_LANES],
                       const size_t v_dim)
{
    const struct octaves octaves = octaves_of(t->scale);
    const float *v = t->v;

    for (size_t j = 0; j < t->keys; j++, v += v_dim) {
        const vf weight = weight_of(vf_sub(w[j], max), &octaves);

        w[j] = weight;
        UNROLL for (size_t d = 0; d < v_dim; d++) o[d] = vf_fma(weight, vf_set1(v[d]), o[d]);
    }
    /* Sums by lane, and the tree of vf_reduce_add(), over vectors: those without a key are 0. */
    UNROLL for (size_t i = VF_LANES; i < SMALL_KEYS; i++) w[i - VF_LANES] =
        vf_add(w[i - VF_LANES], w[i]);
    UNROLL for (size_t half = VF_LANES / 2; half; half /= 2)
        UNROLL for (size_t i = 0; i < half; i++) w[i] = vf_add(w[i], w[i + half]);
    return w[0];
}

/* With dims that are constants loops are gone, and sums of values stay in registers. */
INLINE void small_rows(const struct heed_small_task *t, size_t row, const size_t qk_dim,
                       const size_t v_dim)
{
    const size_t rows = t->rows - row < VF_LANES ? t->rows - row : VF_LANES;
    vf q[VF_LANES], w[SMALL_KEYS], o[VF_LANES];

    UNROLL for (size_t i = 0; i < SMALL_KEYS; i++) w[i] = vf_zero();
    UNROLL for (size_t i = 0; i < VF_LANES; i++) o[i] = vf_zero();
    load_across(t->q + row * qk_dim, rows, qk_dim, q);
    const vf max = score_across(t, q, w, qk_dim);
    const vf sum = weigh_across(t, w, max, o, v_dim);
    /* The reciprocal as in finish_row(); a row of -inf scores has no weights. */
    const vf inverse = vf_div(vf_set1(1.0f), sum);
    UNROLL for (size_t d = 0; d < v_dim; d++) o[d] =
        vf_zero_if_lt(vf_mul(o[d], inverse), sum, vf_set1(FLT_MIN));
    store_across(o, t->o + row * v_dim, rows, v_dim);
}

#define SMALL_CASE(D)                                                                              \
    case D:                                                                                        \
        small_rows(t, row, D < VF_LANES ? D : VF_LANES, D < VF_LANES ? D : VF_LANES);              \
        break

static void attend_small(const struct heed_small_task *t)
{
    for (size_t row = 0; row < t->rows; row += VF_LANES)
        switch (t->qk_dim == t->v_dim ? t->qk_dim : 0) {
            SMALL_CASE(2);
            SMALL_CASE(3);
            SMALL_CASE(4);
        default:
            small_rows(t, row, t->qk_dim, t->v_dim);
        }
}

#undef SMALL_CASE

#endif
