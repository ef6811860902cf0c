/* SPDX-License-Identifier: MIT */
/* merge.h - one row of attention from attention over disjoint sets of keys. */
#ifndef HEED_KERNELS_MERGE_H
#define HEED_KERNELS_MERGE_H

#include <math.h>

#include "kernels/staging.h"

static float exp_of(float x)
{
    float lane[VF_LANES];

    vf_store(lane, vf_exp(vf_set1(x)));
    return lane[0];
}

/* ln of the sum of exp(lse), -inf if all are; NaN stays NaN. */
static float merged_lse(const struct heed_merge_part *part, size_t parts)
{
    float max = -INFINITY, sum = 0.0f;

    for (size_t p = 0; p < parts; p++)
        max = part[p].lse > max ? part[p].lse : max;
    for (size_t p = 0; p < parts; p++)
        if (part[p].lse != -INFINITY)
            sum += exp_of(part[p].lse - (max > -INFINITY ? max : 0.0f));
    return sum == 0.0f ? -INFINITY : max + logf(sum);
}

INLINE void add_part_as(heed_dtype type, const void *o, vf factor, bool first, float *sum, size_t n)
{
    for (size_t d = 0; d < n; d += VF_LANES) {
        const vf x = load_as(type, heed_after(o, (ptrdiff_t)d, type), n - d);

        vf_store_upto(sum + d,
                      first ? vf_mul(x, factor) : vf_fma(x, factor, vf_load_upto(sum + d, n - d)),
                      n - d);
    }
}

/* Adds factor o to n sums, which the first part begins. */
static void add_part(heed_dtype type, const void *o, vf factor, bool first, float *sum, size_t n)
{
    if (type == HEED_F16)
        add_part_as(HEED_F16, o, factor, first, sum, n);
    else if (type == HEED_BF16)
        add_part_as(HEED_BF16, o, factor, first, sum, n);
    else
        add_part_as(HEED_F32, o, factor, first, sum, n);
}

/* Numbers [d, d + n) of the row into `sum`, part by part: a part with lse -inf is not read. */
static void merge_piece(const struct heed_merge_task *t, float lse, size_t d, size_t n, float *sum)
{
    bool first = true;

    for (size_t p = 0; p < t->parts; p++) {
        const struct heed_merge_part *part = &t->part[p];

        if (part->lse == -INFINITY)
            continue;
        /* One part alone passes unchanged: its factor is exp(0) = 1 exactly. */
        add_part(part->o_type, heed_after(part->o, (ptrdiff_t)d, part->o_type),
                 vf_set1(exp_of(part->lse - lse)), first, sum, n);
        first = false;
    }
    if (first)
        memset(sum, 0, n * sizeof *sum);
}

/* A row of f32 is summed where it belongs, another a piece at a time. */
static void merge(const struct heed_merge_task *t)
{
    enum { MERGE_PIECE = 256 };
    const float lse = merged_lse(t->part, t->parts);
    const size_t step = t->out_type == HEED_F32 ? t->v_dim : MERGE_PIECE;
    float stage[MERGE_PIECE];

    for (size_t d = 0; d < t->v_dim; d += step) {
        const size_t n = t->v_dim - d < step ? t->v_dim - d : step;
        void *out = written(t->out, (ptrdiff_t)d, t->out_type);
        float *sum = stage_for(t->out_type, out, stage);

        merge_piece(t, lse, d, n, sum);
        narrow_row(t->out_type, sum, n, out);
    }
    if (t->out_lse)
        *t->out_lse = lse;
}

#endif
