/* SPDX-License-Identifier: MIT */
/*
 * openblas.c - the peer that any C programmer would write: for each head a
 * matrix product, a softmax with the expf of the C library, a matrix product.
 */
#include "openblas.h"

#include <cblas.h>
#include <math.h>

static void soften(float *row, size_t seen, size_t all)
{
    float max = -INFINITY, sum = 0;

    for (size_t j = 0; j < seen; j++)
        max = row[j] > max ? row[j] : max;
    for (size_t j = 0; j < seen; j++)
        sum += row[j] = expf(row[j] - max);
    for (size_t j = 0; j < seen; j++)
        row[j] /= sum;
    for (size_t j = seen; j < all; j++)
        row[j] = 0;
}

static void attend_head(const struct openblas_call *call, size_t head)
{
    const heed_attention_args *a = call->args;
    const int rows = (int)a->q_rows, keys = (int)a->kv_rows, dim = (int)a->qk_dim;
    const size_t q_at = head * a->q_rows * a->qk_dim;
    const size_t kv_at = head / (a->q_heads / a->kv_heads) * a->kv_rows * a->qk_dim;
    const float *q = (const float *)a->q.data + q_at;
    const float *k = (const float *)a->k.data + kv_at, *v = (const float *)a->v.data + kv_at;

    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, keys, dim, 1 / sqrtf((float)dim), q,
                dim, k, dim, 0, call->scores, keys);
    for (size_t r = 0; r < a->q_rows; r++)
        soften(call->scores + r * a->kv_rows,
               a->mask == HEED_MASK_CAUSAL ? r + 1 + a->kv_rows - a->q_rows : a->kv_rows,
               a->kv_rows);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, dim, keys, 1, call->scores, keys,
                v, dim, 0, (float *)a->o.data + q_at, dim);
}

void openblas_attend(void *argument)
{
    const struct openblas_call *call = argument;

    for (size_t head = 0; head < call->args->batch * call->args->q_heads; head++)
        attend_head(call, head);
}
