/* SPDX-License-Identifier: MIT */
/* backward.c - heed_attention_backward(): check, plan, memory; backward_tasks.c does the rest. */
#include <string.h>

#include "backward.h"
#include "backward_scratch.h"
#include "memory.h"
#include "parallel.h"

/* The keys that each query row sees: the one place that knows about masks. */
static bool check_mask(struct heed_check *check, struct heed_backward_job *job)
{
    const heed_attention_backward_args *a = &job->args;
    const ptrdiff_t rows = (ptrdiff_t)a->q_rows, keys = (ptrdiff_t)a->kv_rows;
    ptrdiff_t position = keys - rows;

    job->keys = (struct heed_band){.end = keys};
    switch (a->mask) {
    case HEED_MASK_NONE:
        return true;
    case HEED_MASK_CAUSAL_FROM:
        /* Beyond these all rows see every key or none. */
        position = a->q_position > keys ? keys : a->q_position < -rows ? -rows : a->q_position;
        break;
    case HEED_MASK_CAUSAL:
        break;
    default:
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "mask is %d, no heed_mask", (int)a->mask);
    }
    job->keys.end = position + 1;
    job->keys.end_step = 1;
    return true;
}

/*
 * The same from the other side.  Row i sees key j below end + i: then key j is seen from
 * row j - end + 1 on; and from first + i on: then up to row j - first.  A bound without
 * a step holds for all rows and leaves the other side all of them.
 */
static struct heed_band transposed(const struct heed_band *keys, size_t q_rows)
{
    struct heed_band rows = {.end = (ptrdiff_t)q_rows};

    if (keys->end_step) {
        rows.first = 1 - keys->end;
        rows.first_step = 1;
    }
    if (keys->first_step) {
        rows.end = 1 - keys->first;
        rows.end_step = 1;
    }
    return rows;
}

static bool check_views(struct heed_check *check, struct heed_backward_job *job)
{
    const heed_attention_backward_args *a = &job->args;
    const size_t batch = a->batch, q_heads = a->q_heads, kv_heads = a->kv_heads;
    struct heed_operand *op = job->operand;

    op[HEED_GRAD_Q] = heed_read("q", &a->q, batch, q_heads, a->q_rows, a->qk_dim);
    op[HEED_GRAD_K] = heed_read("k", &a->k, batch, kv_heads, a->kv_rows, a->qk_dim);
    op[HEED_GRAD_V] = heed_read("v", &a->v, batch, kv_heads, a->kv_rows, a->v_dim);
    op[HEED_GRAD_O] = heed_read("o", &a->o, batch, q_heads, a->q_rows, a->v_dim);
    op[HEED_GRAD_D_O] = heed_read("d_o", &a->d_o, batch, q_heads, a->q_rows, a->v_dim);
    op[HEED_GRAD_LSE] = heed_read("lse", &a->lse, batch, q_heads, a->q_rows, 1);
    op[HEED_GRAD_D_Q] = heed_written("d_q", &a->d_q, batch, q_heads, a->q_rows, a->qk_dim);
    op[HEED_GRAD_D_K] = heed_written("d_k", &a->d_k, batch, kv_heads, a->kv_rows, a->qk_dim);
    op[HEED_GRAD_D_V] = heed_written("d_v", &a->d_v, batch, kv_heads, a->kv_rows, a->v_dim);
    for (int i = HEED_GRAD_D_Q; i < HEED_GRAD_OPERANDS; i++)
        op[i].optional = true;
    return heed_check_operands(check, op, HEED_GRAD_OPERANDS);
}

/* No count overflows: the outputs hold at least a number per task. */
static void plan(struct heed_backward_job *job)
{
    const heed_attention_backward_args *a = &job->args;
    const size_t most =
        heed_at_most(a->q_rows > a->kv_rows ? a->q_rows : a->kv_rows, HEED_BACKWARD_ROWS);
    struct heed_backward_scratch s;

    job->group = a->kv_heads ? a->q_heads / a->kv_heads : 1;
    job->key_blocks = heed_pieces(a->kv_rows, HEED_BACKWARD_ROWS);
    job->row_blocks = heed_pieces(a->q_rows, HEED_BACKWARD_ROWS);
    if (heed_wanted(&job->operand[HEED_GRAD_D_K]) || heed_wanted(&job->operand[HEED_GRAD_D_V]))
        job->key_tasks = a->batch * a->kv_heads * job->key_blocks;
    job->tasks = job->key_tasks;
    if (heed_wanted(&job->operand[HEED_GRAD_D_Q]))
        job->tasks += a->batch * a->q_heads * job->row_blocks;
    job->workspace = 64;
    if (!job->tasks)
        return;

    /* Of the scratch no piece is larger than this many numbers, and there are a dozen. */
    const size_t dims = heed_add(heed_add(a->qk_dim, a->v_dim), HEED_BLOCK + HEED_LANES);
    job->workspace = SIZE_MAX;
    if (heed_mul(heed_mul(dims, HEED_BACKWARD_ROWS), 128) == SIZE_MAX)
        return;
    job->scratch = heed_backward_layout(&s, NULL, most, a->qk_dim, a->v_dim);
    job->workspace =
        heed_add(64, heed_mul(heed_worker_count(&a->parallel, job->tasks), job->scratch));
}

static bool prepare(struct heed_check *check, struct heed_backward_job *job,
                    const heed_attention_backward_args *args)
{
    heed_attention_backward_args *a = &job->args;

    memset(job, 0, sizeof *job);
    if (!heed_copy_args(check, a, sizeof *a, offsetof(heed_attention_backward_args, scale), args) ||
        !heed_check_heads(check, a->q_heads, a->kv_heads))
        return false;
    if (a->q_rows > PTRDIFF_MAX / 2 || a->kv_rows > PTRDIFF_MAX / 2)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s is too large",
                           a->q_rows > a->kv_rows ? "q_rows" : "kv_rows");
    if (!check_mask(check, job) ||
        !heed_check_scale(check, job->args.scale, job->args.qk_dim, &job->scale) ||
        !check_views(check, job))
        return false;
    job->rows = transposed(&job->keys, a->q_rows);
    job->isa = heed_check_isa(check, a->isa);
    if (!job->isa)
        return false;
    plan(job);
    if (job->workspace == SIZE_MAX)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "qk_dim and v_dim are too large to compute");
    if (a->workspace && a->workspace_size < job->workspace)
        return heed_refuse(check, HEED_WORKSPACE_TOO_SMALL,
                           "workspace_size is %zu, %zu bytes are needed", a->workspace_size,
                           job->workspace);
    return true;
}

heed_status heed_attention_backward(const heed_attention_backward_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct heed_backward_job job;

    if (!prepare(&check, &job, args))
        return check.status;
    if (job.args.workspace) {
        heed_backward_run(&job, job.args.workspace);
        return HEED_OK;
    }

    char *workspace = heed_alloc(job.workspace);
    if (!workspace)
        return HEED_OUT_OF_MEMORY;
    heed_backward_run(&job, workspace);
    free(workspace);
    return HEED_OK;
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
