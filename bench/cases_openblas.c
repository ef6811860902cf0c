/* SPDX-License-Identifier: MIT */
/*
 * cases_openblas.c - the peer that any C programmer would write: for each head a
 * matrix product, a softmax with the expf of the C library, a matrix product.
 */
#include <cblas.h>
#include <math.h>
#include <stdio.h>

#include "buffers.h"
#include "cases.h"
#include "problem.h"

struct openblas_case {
    const struct workload *workload;
    bool checked;
    double max_error;
};

struct call {
    const heed_attention_args *args;
    float *scores; /* [q_rows][kv_rows] of one head */
};

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

static void attend_head(const struct call *call, size_t head)
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

static void attend(void *argument)
{
    const struct call *call = argument;

    for (size_t head = 0; head < call->args->batch * call->args->q_heads; head++)
        attend_head(call, head);
}

static void run_openblas(struct gbench *bench, void *argument)
{
    struct openblas_case *c = argument;
    struct problem p;
    double bound;
    char why[120];

    problem_open(&p, c->workload, HEED_F32);
    struct call call = {.args = &p.args, .scores = buffer_new(p.args.q_rows * p.args.kv_rows)};

    if (!c->checked) {
        attend(&call);
        c->checked = problem_check(&p, &c->max_error, &bound, why, sizeof why);
    }
    if (!c->checked) {
        gbench_fail(bench, why);
    } else {
        const double seconds = gbench_time(bench, attend, &call);

        gbench_counter(bench, "GFLOP/s", workload_flop(c->workload) / seconds * 1e-9);
        gbench_counter(bench, "max_err", c->max_error);
        if (c->workload->q_rows == 1)
            gbench_counter(bench, "GB/s", workload_kv_bytes(c->workload) / seconds * 1e-9);
    }
    buffer_free(call.scores);
    problem_close(&p);
}

void add_openblas(heed_parallel parallel)
{
    const struct workload *w;

    /* Each product may use as many threads as heed does; the softmax stays on one. */
    openblas_set_num_threads(parallel.workers > 1 ? (int)parallel.workers : 1);
    gbench_note("openblas_core", openblas_get_corename());
    for (size_t i = 0; (w = workload_at(i)) != NULL; i++) {
        const struct openblas_case c = {.workload = w};
        char name[80];

        snprintf(name, sizeof name, "peer/openblas/%s", w->name);
        gbench_add(name, run_openblas, &c, sizeof c);
    }
}
