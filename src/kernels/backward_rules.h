/* SPDX-License-Identifier: MIT */
/*
 * backward_rules.h - the rules of rules.h seen from keys, the derivative of the cap, and
 * the gradient of the bias, which is that of the scores after all rules.
 */
#ifndef HEED_KERNELS_BACKWARD_RULES_H
#define HEED_KERNELS_BACKWARD_RULES_H

#include "kernels/rules.h"

/*
 * What moves scores, seen from keys: rules whose rows are those of a key, rules_of_key(), and
 * whose keys are the query rows.  Distances change their sign, and so does the slope.  Masks
 * are read along the keys all the same (backward_masks.h).
 */
static struct heed_rules transposed_rules(const struct heed_rules *rules)
{
    struct heed_rules t = *rules;

    t.bias.key_stride = rules->bias.row_stride;
    return t;
}

static inline struct heed_row_rules rules_of_key(const struct heed_rules *rules,
                                                 const struct head_rules *head, ptrdiff_t position,
                                                 ptrdiff_t key)
{
    const heed_score_view *bias = &rules->bias;

    return (struct heed_row_rules){
        .bias = head->bias ? heed_after(head->bias, key * bias->key_stride, bias->dtype) : NULL,
        .slope = -head->slope,
        .position = key - position,
    };
}

/* What the cap makes of a small change of each of n scores: 1 - tanh(scaled score / cap)^2. */
static void cap_slopes(float softcap, float scale, const float *s, float *slope, size_t n)
{
    const vf by = vf_set1(scale), cap = vf_set1(softcap), one = vf_set1(1.0f);

    for (size_t j = 0; j < n; j += VF_LANES) {
        const vf t = vf_tanh(vf_div(vf_mul(vf_load(s + j), by), cap));

        vf_store(slope + j, vf_sub(one, vf_mul(t, t)));
    }
}

/* y[j step] += x[j]; with a step of 0 their sum. */
static void add_gradients(float *y, ptrdiff_t step, const float *x, size_t n)
{
    float sum = 0.0f;

    if (step == 1) /* a loop that compilers make vectors of */
        for (size_t j = 0; j < n; j++)
            y[j] += x[j];
    else if (step)
        for (size_t j = 0; j < n; j++)
            y[(ptrdiff_t)j * step] += x[j];
    else {
        for (size_t j = 0; j < n; j++)
            sum += x[j];
        *y += sum;
    }
}

#endif
