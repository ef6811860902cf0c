/* SPDX-License-Identifier: MIT */
/* backward.c - heed_attention_backward(): check and memory; backward_run.c does the rest. */
#include <string.h>

#include "backward.h"
#include "memory.h"

/* What the checks and the kernels of attention have to know of the call. */
static heed_attention_args call_of(const heed_attention_backward_args *a)
{
    return (heed_attention_args){
        HEED_SIZED(heed_attention_args),
        .batch = a->batch,
        .q_heads = a->q_heads,
        .kv_heads = a->kv_heads,
        .q_rows = a->q_rows,
        .kv_rows = a->kv_rows,
        .qk_dim = a->qk_dim,
        .v_dim = a->v_dim,
        .scale = a->scale,
        .mask = a->mask,
        .q_position = a->q_position,
        .kv_lengths = a->kv_lengths,
        .q_positions = a->q_positions,
        .window_left = a->window_left,
        .window_right = a->window_right,
        .local_chunk = a->local_chunk,
        .prefix = a->prefix,
        .softcap = a->softcap,
        .alibi_slopes = a->alibi_slopes,
        .bias = a->bias,
        .visible = a->visible,
        .blocks = a->blocks,
        .block_rows = a->block_rows,
        .block_keys = a->block_keys,
        .q_offsets = a->q_offsets,
        .kv_offsets = a->kv_offsets,
        .sinks = a->sinks,
    };
}

static bool check_views(struct heed_check *check, struct heed_backward_job *job)
{
    const heed_attention_backward_args *a = &job->args;
    const size_t q_heads = a->q_heads, kv_heads = a->kv_heads;
    const heed_output d_sinks = {.data = a->d_sinks};
    struct heed_operand *op = job->operand;
    struct heed_extents e;

    if (!heed_check_extents(check, &job->call, &e))
        return false;

    op[HEED_GRAD_Q] = heed_read("q", &a->q, e.q_batch, q_heads, e.q_rows, a->qk_dim);
    op[HEED_GRAD_K] = heed_read("k", &a->k, e.kv_batch, kv_heads, e.kv_rows, a->qk_dim);
    op[HEED_GRAD_V] = heed_read("v", &a->v, e.kv_batch, kv_heads, e.kv_rows, a->v_dim);
    op[HEED_GRAD_O] = heed_read("o", &a->o, e.q_batch, q_heads, e.q_rows, a->v_dim);
    op[HEED_GRAD_D_O] = heed_read("d_o", &a->d_o, e.q_batch, q_heads, e.q_rows, a->v_dim);
    op[HEED_GRAD_LSE] = heed_read("lse", &a->lse, e.q_batch, q_heads, e.q_rows, 1);
    op[HEED_GRAD_D_Q] = heed_written("d_q", &a->d_q, e.q_batch, q_heads, e.q_rows, a->qk_dim);
    op[HEED_GRAD_D_K] = heed_written("d_k", &a->d_k, e.kv_batch, kv_heads, e.kv_rows, a->qk_dim);
    op[HEED_GRAD_D_V] = heed_written("d_v", &a->d_v, e.kv_batch, kv_heads, e.kv_rows, a->v_dim);
    op[HEED_GRAD_D_SINKS] = heed_written("d_sinks", &d_sinks, 1, 1, 1, q_heads);
    for (int i = HEED_GRAD_Q; i <= HEED_GRAD_D_V; i++)
        op[i].half = i != HEED_GRAD_LSE;
    for (int i = HEED_GRAD_D_Q; i <= HEED_GRAD_D_SINKS; i++)
        op[i].optional = true;
    if (a->d_sinks && !a->sinks)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "d_sinks without sinks");
    return heed_check_operands(check, op, HEED_GRAD_D_BIAS);
}

static bool prepare(struct heed_check *check, struct heed_backward_job *job,
                    const heed_attention_backward_args *args)
{
    heed_attention_backward_args *a = &job->args;

    memset(job, 0, sizeof *job);
    if (!heed_copy_args(check, a, sizeof *a, offsetof(heed_attention_backward_args, scale), args) ||
        !heed_check_heads(check, a->q_heads, a->kv_heads))
        return false;
    job->call = call_of(a);
    if (!heed_check_sight(check, &job->call) || !heed_check_scale(check, a->scale) ||
        !check_views(check, job) || !heed_check_lengths(check, &job->call) ||
        !heed_check_d_bias(check, job) ||
        !heed_check_rules(check, &job->call, job->operand, HEED_GRAD_OPERANDS, &job->rules))
        return false;
    job->has_rules = heed_has_rules(&job->rules);
    job->isa = heed_check_isa(check, a->isa);
    if (!job->isa)
        return false;
    heed_backward_plan(job);
    if (job->tasks == SIZE_MAX)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "batch is too large to compute");
    if (job->workspace == SIZE_MAX)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "qk_dim and v_dim are too large to compute");
    return heed_check_workspace(check, a->workspace, a->workspace_size, job->workspace,
                                job->operand, HEED_GRAD_OPERANDS);
}

static heed_status run(void *job, char *workspace)
{
    heed_backward_run(job, workspace);
    return HEED_OK;
}

heed_status heed_attention_backward(const heed_attention_backward_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct heed_backward_job job;

    if (!prepare(&check, &job, args))
        return check.status;
    if (job.args.workspace)
        return run(&job, job.args.workspace);
    return heed_run_on_heap(job.workspace, run, &job);
}

heed_status heed_attention_backward_check(const heed_attention_backward_args *args, char *reason,
                                          size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    struct heed_backward_job job;

    prepare(&check, &job, args);
    return check.status;
}

heed_status heed_attention_backward_workspace(const heed_attention_backward_args *args,
                                              size_t *bytes)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct heed_backward_job job;

    prepare(&check, &job, args);
    /* A workspace that is too small yet is what this function is asked about. */
    if (check.status == HEED_WORKSPACE_TOO_SMALL)
        check.status = HEED_OK;
    if (!bytes)
        return HEED_INVALID_ARGUMENT;
    if (check.status == HEED_OK)
        *bytes = job.workspace;
    return check.status;
}
