/* SPDX-License-Identifier: MIT */
/*
 * small.h - attention where keys and dims fit one vector each: no memory, no panels.
 *
 * Here lanes are query rows, so that nothing is reduced across lanes: for six words
 * of three numbers a quarter of the instructions of lanes that are keys.  The chains,
 * and the tree of the sum, are those of attend.h, and so are the bits.
 */
#ifndef HEED_KERNELS_SMALL_H
#define HEED_KERNELS_SMALL_H

#include "kernels/running.h"

/* x[dim] for up to VF_LANES rows of x: lanes are rows, those missing 0. */
INLINE void load_across(const float *x, ptrdiff_t x_row, size_t rows, size_t dim,
                        vf across[VF_LANES])
{
    for (size_t r = 0; r < VF_LANES; r++)
        across[r] = r < rows ? vf_load_upto(x + (ptrdiff_t)r * x_row, dim) : vf_zero();
    vf_transpose(across);
}

/* The tree of vf_reduce_add() over vectors instead of lanes; those from n on count as 0. */
INLINE vf sum_across(vf w[VF_LANES], size_t n)
{
    for (size_t half = VF_LANES / 2; half; half /= 2)
        for (size_t i = 0; i < half && i + half < n; i++)
            w[i] = vf_add(w[i], w[i + half]);
    return w[0];
}

/* Weights of up to VF_LANES rows for each key, and their sums. */
INLINE vf weigh_across(const struct heed_attend_task *t, const vf q[VF_LANES],
                       const struct octaves *oct, vf w[VF_LANES])
{
    const float *k = t->k;
    vf max = vf_set1(-FLT_MAX), tree[VF_LANES] = {vf_zero()};

    for (size_t j = 0; j < t->end_key; j++, k += t->k_row) {
        vf s = vf_zero();

        for (size_t d = 0; d < t->qk_dim; d++)
            s = vf_fma(q[d], vf_set1(k[d]), s);
        w[j] = s;
        max = vf_max(s, max);
    }
    for (size_t j = 0; j < t->end_key; j++)
        tree[j] = w[j] = weight_of(vf_sub(w[j], max), oct);
    return sum_across(tree, t->end_key);
}

/* Stores rows from lanes: whole vectors one over the next, then what belongs to the caller. */
INLINE void store_across(vf across[VF_LANES], float *o, size_t rows, size_t dim)
{
    float packed[VF_LANES * VF_LANES + VF_LANES];

    vf_transpose(across);
    for (size_t r = 0; r < rows; r++)
        vf_store(packed + r * dim, across[r]);
    memcpy(o, packed, rows * dim * sizeof *o);
}

/* Tasks of one head, dense and unmasked, with a positive scale, 1 to VF_LANES keys and dims. */
static void attend_small(const struct heed_attend_task *t)
{
    const float *const q_rows = t->q, *const values = t->v;
    float *const o_rows = t->o;
    const struct octaves octaves = octaves_of(t->scale);

    for (size_t row = 0; row < t->rows; row += VF_LANES) {
        const size_t rows = t->rows - row < VF_LANES ? t->rows - row : VF_LANES;
        vf q[VF_LANES], w[VF_LANES], o[VF_LANES];

        load_across(q_rows + row * t->qk_dim, t->q_row, rows, t->qk_dim, q);
        const vf sum = weigh_across(t, q, &octaves, w);
        /* The reciprocal as in finish_row(); a row of -inf scores has no weights. */
        const vf inverse = vf_div(vf_set1(1.0f), sum);
        for (size_t d = 0; d < VF_LANES; d++)
            o[d] = vf_zero();
        for (size_t d = 0; d < t->v_dim; d++) {
            const float *v = values + d;
            size_t j = 0;

            do {
                o[d] = vf_fma(w[j], vf_set1(*v), o[d]);
                v += t->v_row;
            } while (++j < t->end_key);
            o[d] = vf_zero_if_lt(vf_mul(o[d], inverse), sum, vf_set1(FLT_MIN));
        }
        store_across(o, o_rows + row * t->v_dim, rows, t->v_dim);
    }
}

#endif
