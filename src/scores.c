/* SPDX-License-Identifier: MIT */
/* scores.c - heed_scores(): scaled dot products of queries with keys. */
#include <float.h>
#include <string.h>

#include "args.h"
#include "parallel.h"

enum { Q, K, S, OPERANDS, TASK_ROWS = 96, TASK_KEYS = 1024 };

struct job {
    heed_scores_args args;
    struct heed_operand operand[OPERANDS];
    const struct heed_isa *isa;
    size_t row_blocks, key_blocks;
};

static bool prepare(struct heed_check *check, struct job *job, const heed_scores_args *args)
{
    heed_scores_args *a = &job->args;

    memset(job, 0, sizeof *job);
    if (!heed_copy_args(check, a, sizeof *a, offsetof(heed_scores_args, scale), args) ||
        !heed_check_heads(check, a->q_heads, a->kv_heads))
        return false;
    job->operand[Q] = heed_read("q", &a->q, a->batch, a->q_heads, a->q_rows, a->qk_dim);
    job->operand[K] = heed_read("k", &a->k, a->batch, a->kv_heads, a->kv_rows, a->qk_dim);
    job->operand[S] = heed_written("s", &a->s, a->batch, a->q_heads, a->q_rows, a->kv_rows);
    for (int i = 0; i < OPERANDS; i++)
        job->operand[i].half = true;
    if (!heed_within(a->scale, FLT_MAX))
        return heed_refuse_number(check, "scale", a->scale);
    if (!heed_check_operands(check, job->operand, OPERANDS))
        return false;
    job->isa = heed_check_isa(check, a->isa);
    job->row_blocks = heed_pieces(a->q_rows, TASK_ROWS);
    job->key_blocks = heed_pieces(a->kv_rows, TASK_KEYS);
    return job->isa != NULL;
}

static void run_task(const void *shared, size_t index, size_t worker)
{
    const struct job *job = shared;
    const heed_scores_args *a = &job->args;
    const struct heed_operand *op = job->operand;
    const size_t key = index % job->key_blocks * TASK_KEYS;
    const size_t row = index / job->key_blocks % job->row_blocks * TASK_ROWS;
    const size_t heads = index / job->key_blocks / job->row_blocks;
    const size_t batch = heads / a->q_heads, head = heads % a->q_heads;
    const struct heed_scores_task task = {
        .q = heed_address(&op[Q], batch, head, row),
        .k = heed_address(&op[K], batch, head / (a->q_heads / a->kv_heads), key),
        .s = (void *)(uintptr_t)heed_after(heed_address(&op[S], batch, head, row), (ptrdiff_t)key,
                                           op[S].dtype),
        .q_type = op[Q].dtype,
        .k_type = op[K].dtype,
        .s_type = op[S].dtype,
        .q_row = op[Q].stride[2],
        .k_row = op[K].stride[2],
        .s_row = op[S].stride[2],
        .rows = a->q_rows - row < TASK_ROWS ? a->q_rows - row : TASK_ROWS,
        .keys = a->kv_rows - key < TASK_KEYS ? a->kv_rows - key : TASK_KEYS,
        .qk_dim = a->qk_dim,
        .scale = heed_scale(a->scale, a->qk_dim),
    };

    (void)worker;
    job->isa->scores(&task);
}

heed_status heed_scores(const heed_scores_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct job job;

    if (!prepare(&check, &job, args))
        return check.status;
    /* No overflow: the output holds at least one number per task. */
    heed_run(&job.args.parallel,
             job.args.batch * job.args.q_heads * job.row_blocks * job.key_blocks, run_task, &job);
    return HEED_OK;
}

heed_status heed_scores_check(const heed_scores_args *args, char *reason, size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    struct job job;

    prepare(&check, &job, args);
    return check.status;
}
