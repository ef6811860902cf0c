/* SPDX-License-Identifier: MIT */
/*
 * backward_rules.h - the rules of rules.h seen from keys, the derivative of the cap, and
 * the gradient of the bias, which is that of the scores after all rules.
 */
#ifndef HEED_KERNELS_BACKWARD_RULES_H
#define HEED_KERNELS_BACKWARD_RULES_H

#include "kernels/rules.h"

/*
 * The same seen from keys: rules whose rows are those of a key, rules_of_key(), and
 * whose keys are the query rows.  Distances change their sign, and so does the slope.
 */
static struct heed_rules transposed_rules(const struct heed_rules *rules)
{
    struct heed_rules t = *rules;

    t.bias.key_stride = rules->bias.row_stride;
    t.visible.key_stride = rules->visible.row_stride;
    t.blocks.key_stride = rules->blocks.row_stride;
    t.block_keys = rules->block_rows;
    return t;
}

static const char *score_column(const heed_score_view *view, size_t size, size_t batch, size_t head,
                                size_t key)
{
    const char *row = score_row(view, size, batch, head, 0);

    return row ? row + (ptrdiff_t)key * view->key_stride * (ptrdiff_t)size : NULL;
}

static struct heed_row_rules rules_of_key(const struct heed_rules *rules, ptrdiff_t position,
                                          size_t batch, size_t head, size_t key)
{
    const size_t block = rules->blocks.data ? key / rules->block_keys : 0;
    const bool bits = rules->visible.dtype == HEED_BITS;

    return (struct heed_row_rules){
        .bias = score_column(&rules->bias, heed_size(rules->bias.dtype), batch, head, key),
        .visible = score_column(&rules->visible, 1, batch, head, bits ? key / 8 : key),
        .blocks = score_column(&rules->blocks, 1, batch, head, block),
        .bit = (unsigned char)(bits ? 1u << key % 8 : 0),
        .slope = rules->slopes ? -rules->slopes[head] : 0.0f,
        .position = (ptrdiff_t)key - position,
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
