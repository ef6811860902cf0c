/* SPDX-License-Identifier: MIT */
/*
 * backward_bias.c - d_bias: its check, and the zeros that gradients are added to.
 *
 * Along an axis of stride 0 it has one number, a sum, whatever the size of the call is there: of
 * no terms where that is 0.
 */
#include <string.h>

#include "backward.h"

static bool reaches(const struct heed_backward_job *job, struct heed_operand *d_bias,
                    const size_t *count)
{
    const heed_score_output *v = &job->args.d_bias;
    const heed_score_view same = {v->data,        v->dtype,      v->batch_stride,
                                  v->head_stride, v->row_stride, v->key_stride};

    return heed_score_addresses(&same, sizeof(float), count, &d_bias->begin, &d_bias->end);
}

/* Do elements overlap that are none of one sum?  As for rows, strides have to nest. */
static bool overlaps_itself(const heed_score_output *v, const size_t *count)
{
    const ptrdiff_t stride[] = {v->batch_stride, v->head_stride, v->row_stride, v->key_stride};
    bool used[HEED_SCORE_DIMS] = {false};
    size_t span = 1;

    for (int round = 0; round < HEED_SCORE_DIMS; round++) {
        int least = -1;

        for (int i = 0; i < HEED_SCORE_DIMS; i++)
            if (!used[i] && stride[i] && count[i] > 1 &&
                (least < 0 || heed_magnitude(stride[i]) < heed_magnitude(stride[least])))
                least = i;
        if (least < 0)
            return false;
        if (heed_magnitude(stride[least]) < span)
            return true;
        used[least] = true;
        span += (count[least] - 1) * heed_magnitude(stride[least]);
    }
    return false;
}

/* How many numbers it has along each axis; false if none at all. */
static bool count_numbers(const heed_attention_backward_args *a, size_t count[HEED_SCORE_DIMS])
{
    const heed_score_output *v = &a->d_bias;

    count[0] = v->batch_stride ? a->batch : 1;
    count[1] = v->head_stride ? a->q_heads : 1;
    count[2] = v->row_stride ? a->q_rows : 1;
    count[3] = v->key_stride ? a->kv_rows : 1;
    return count[0] && count[1] && count[2] && count[3];
}

bool heed_check_d_bias(struct heed_check *check, struct heed_backward_job *job)
{
    const heed_attention_backward_args *a = &job->args;
    size_t count[HEED_SCORE_DIMS];
    struct heed_operand d_bias = {.name = "d_bias", .data = a->d_bias.data, .written = true};

    job->operand[HEED_GRAD_D_BIAS] = d_bias; /* not wanted, with no addresses */
    if (!a->d_bias.data)
        return true;
    if (a->d_bias.dtype != HEED_F32)
        return heed_refuse(check, HEED_UNSUPPORTED_TYPE, "d_bias.dtype is %d, not HEED_F32",
                           (int)a->d_bias.dtype);
    if (!count_numbers(a, count))
        return true;
    if ((uintptr_t)a->d_bias.data % sizeof(float))
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "d_bias.data is not aligned to its element");
    if (!reaches(job, &d_bias, count))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "d_bias reaches past the address space");
    if (overlaps_itself(&a->d_bias, count))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "d_bias: its strides make scores overlap");
    for (int i = 0; i < HEED_GRAD_D_BIAS; i++)
        if (job->operand[i].begin < d_bias.end && d_bias.begin < job->operand[i].end)
            return heed_refuse(check, HEED_INVALID_ARGUMENT, "d_bias overlaps %s",
                               job->operand[i].name);
    job->operand[HEED_GRAD_D_BIAS] = d_bias;
    return true;
}

float *heed_d_bias_at(const struct heed_backward_job *job, size_t batch, size_t head, size_t row)
{
    const heed_score_output *v = &job->args.d_bias;

    return (float *)v->data + ((ptrdiff_t)batch * v->batch_stride +
                               (ptrdiff_t)head * v->head_stride + (ptrdiff_t)row * v->row_stride);
}

void heed_clear_d_bias(const struct heed_backward_job *job, size_t batch, size_t head, size_t row,
                       size_t rows)
{
    const ptrdiff_t step = job->args.d_bias.key_stride;
    const size_t keys = step ? job->args.kv_rows : 1;

    for (size_t r = row; r < row + rows; r++) {
        float *at = heed_d_bias_at(job, batch, head, r);

        for (size_t j = 0; j < keys; j++)
            at[(ptrdiff_t)j * step] = 0.0f;
    }
}
