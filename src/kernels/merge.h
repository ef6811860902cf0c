/* SPDX-License-Identifier: MIT */
/* merge.h - one row of attention from attention over disjoint sets of keys. */
#ifndef HEED_KERNELS_MERGE_H
#define HEED_KERNELS_MERGE_H

#include <math.h>

#include "kernels/tile.h"

static float exp_of(float x)
{
    float lane[VF_LANES];

    vf_store(lane, vf_exp(vf_set1(x)));
    return lane[0];
}

/* ln of the sum of exp(lse), -inf if all are; NaN stays NaN. */
static float merged_lse(const float *lse, size_t parts)
{
    float max = -INFINITY, sum = 0.0f;

    for (size_t p = 0; p < parts; p++)
        max = lse[p] > max ? lse[p] : max;
    for (size_t p = 0; p < parts; p++)
        if (lse[p] != -INFINITY)
            sum += exp_of(lse[p] - (max > -INFINITY ? max : 0.0f));
    return sum == 0.0f ? -INFINITY : max + logf(sum);
}

/* Into out, which is written part by part: a part with lse -inf is not read. */
static void merge(const struct heed_merge_task *t)
{
    const float lse = merged_lse(t->lse, t->parts);
    bool first = true;

    for (size_t p = 0; p < t->parts; p++) {
        if (t->lse[p] == -INFINITY)
            continue;

        /* One part alone passes unchanged: its factor is exp(0) = 1 exactly. */
        const vf factor = vf_set1(exp_of(t->lse[p] - lse));
        for (size_t d = 0; d < t->v_dim; d += VF_LANES) {
            const size_t n = t->v_dim - d;
            const vf o = vf_load_upto(t->o[p] + d, n);
            const vf sum =
                first ? vf_mul(o, factor) : vf_fma(o, factor, vf_load_upto(t->out + d, n));

            vf_store_upto(t->out + d, sum, n);
        }
        first = false;
    }
    for (size_t d = 0; first && d < t->v_dim; d += VF_LANES)
        vf_store_upto(t->out + d, vf_zero(), t->v_dim - d);
    if (t->out_lse)
        *t->out_lse = lse;
}

#endif
