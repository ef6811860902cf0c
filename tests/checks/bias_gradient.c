/* SPDX-License-Identifier: MIT */
/* bias_gradient.c - a d_bias of any strides: gradients of scores, added up where they meet. */
#include "bias_gradient.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "trial_rules.h"

struct tensor *bias_gradient_draw(struct trial *trial, heed_attention_backward_args *a)
{
    const size_t counts[] = {a->batch, a->q_heads, a->q_rows, a->kv_rows};
    heed_score_view view = {0};
    const size_t reach = trial_score_view(trial, &view, counts, false);
    struct tensor *tensor = trial_output(trial, (struct shape){1, 1, 1, reach});

    a->d_bias = (heed_score_output){tensor->first,    HEED_F32,        view.batch_stride,
                                    view.head_stride, view.row_stride, view.key_stride};
    return tensor;
}

/* What meets in one element. */
struct sum {
    double value, error, size;
    size_t terms;
    bool is_there;
};

static void add(struct sum *sum, const struct bounded *x)
{
    sum->value += x->value;
    sum->error += x->error;
    sum->size += fabs(x->value) + x->error;
    sum->terms += x->value != 0 || x->error != 0; /* adding 0 is exact */
}

/* Along an axis of stride 0 there is one number whatever the size, of no terms where that is 0. */
static size_t extent(size_t size, ptrdiff_t stride)
{
    return stride ? size : 1;
}

static void mark_all(const heed_attention_backward_args *a, struct sum *sums)
{
    const heed_score_output *v = &a->d_bias;

    for (size_t b = 0; b < extent(a->batch, v->batch_stride); b++)
        for (size_t h = 0; h < extent(a->q_heads, v->head_stride); h++)
            for (size_t r = 0; r < extent(a->q_rows, v->row_stride); r++)
                for (size_t j = 0; j < extent(a->kv_rows, v->key_stride); j++)
                    sums[(ptrdiff_t)b * v->batch_stride + (ptrdiff_t)h * v->head_stride +
                         (ptrdiff_t)r * v->row_stride + (ptrdiff_t)j * v->key_stride]
                        .is_there = true;
}

static void add_all(const heed_attention_backward_args *a, const struct bounded *d_scores,
                    struct sum *sums)
{
    const heed_score_output *v = &a->d_bias;

    for (size_t b = 0; b < a->batch; b++)
        for (size_t h = 0; h < a->q_heads; h++)
            for (size_t r = 0; r < a->q_rows; r++)
                for (size_t j = 0; j < a->kv_rows; j++) {
                    struct sum *sum = sums + (ptrdiff_t)b * v->batch_stride +
                                      (ptrdiff_t)h * v->head_stride + (ptrdiff_t)r * v->row_stride +
                                      (ptrdiff_t)j * v->key_stride;

                    add(sum, d_scores++);
                }
}

/*
 * n roundings are off by at most n u / (1 - n u) of the sizes (Higham, section 3.1), and by
 * the smallest normal number each where denormals are flushed.
 */
static bool sum_accepted(struct trial *trial, size_t at, const struct sum *sum, float got)
{
    const double rounds = (double)sum->terms * UNIT_ROUNDOFF;
    const struct bounded want = {sum->value, sum->error + rounds / (1 - rounds) * sum->size +
                                                 (double)sum->terms * SMALLEST_NORMAL};

    return bounded_accepts(want, got) ||
           trial_fails(trial, "d_bias[%zu] is %.9g, not %.9g within %.3g", at, (double)got,
                       want.value, want.error);
}

bool bias_gradient_accepts(struct trial *trial, const heed_attention_backward_args *a,
                           const struct tensor *tensor, const struct bounded *d_scores)
{
    const size_t reach = tensor->shape.dim;
    struct sum *sums = calloc(reach, sizeof *sums);
    bool accepted = true;

    mark_all(a, sums);
    add_all(a, d_scores, sums);
    for (size_t i = 0; i < reach && accepted; i++) {
        float *got = tensor_at(tensor, 0, 0, 0, i);

        if (!sums[i].is_there)
            continue;
        accepted = sum_accepted(trial, i, &sums[i], *got);
        memset(got, 0xff, sizeof *got);
    }
    free(sums);
    return accepted && trial_untouched(trial, "d_bias", tensor);
}
