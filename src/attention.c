/* SPDX-License-Identifier: MIT */
/* attention.c - heed_attention(): check, plan, tasks, kernels. */
#include <math.h>
#include <string.h>

#include "args.h"
#include "memory.h"
#include "packed.h"
#include "parallel.h"
#include "plan.h"
#include "small.h"

enum {
    Q,
    K,
    V,
    O,
    LSE,
    OPERANDS,
    ON_STACK = 6144 /* bytes of workspace that need no allocation: frames stay under 8 KiB */
};

/* A checked call. */
struct job {
    heed_attention_args args;
    struct heed_operand operand[OPERANDS];
    struct heed_plan plan;
    const struct heed_isa *isa;
    struct heed_packed_header packed; /* of args.packed_k */
    ptrdiff_t first_limit, limit_step;
    float scale;
    char *scratch; /* [worker], on cache lines like the rest */
    struct heed_row_state *part_state;
    float *part_sum;
};

static bool check_mask(struct heed_check *check, struct job *job)
{
    const heed_attention_args *a = &job->args;
    const ptrdiff_t rows = (ptrdiff_t)a->q_rows, keys = (ptrdiff_t)a->kv_rows;
    ptrdiff_t position = keys - rows;

    switch (a->mask) {
    case HEED_MASK_NONE:
        job->first_limit = keys;
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
    job->first_limit = position + 1;
    job->limit_step = 1;
    return true;
}

static bool check_scale(struct heed_check *check, struct job *job)
{
    const heed_attention_args *a = &job->args;

    job->scale = a->scale;
    if (a->scale == 0.0f)
        job->scale = a->qk_dim ? (float)(1.0 / sqrt((double)a->qk_dim)) : 1.0f;
    /* Its product with log2 e must be finite. */
    if (!(fabsf(job->scale) <= 1e38f))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "scale is %g", (double)a->scale);
    return true;
}

/* The keys that were packed, where they are given, are as many as the call wants. */
static bool check_packed(struct heed_check *check, struct job *job)
{
    const heed_attention_args *a = &job->args;

    if (!a->packed_k)
        return true;
    if (!heed_packed_read(check, "packed_k", a->packed_k, a->packed_k_size, job->isa, a->batch,
                          a->kv_heads, a->qk_dim, &job->packed))
        return false;
    if (a->kv_rows > job->packed.rows)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "kv_rows is %zu, packed_k holds %zu rows",
                           a->kv_rows, (size_t)job->packed.rows);
    return true;
}

/* Fills the job; false with the reason in `check`. */
static bool prepare(struct heed_check *check, struct job *job, const heed_attention_args *args)
{
    heed_attention_args *a = &job->args;

    memset(job, 0, sizeof *job);
    if (!heed_copy_args(check, a, sizeof *a, offsetof(heed_attention_args, lse), args) ||
        !heed_check_heads(check, a->q_heads, a->kv_heads))
        return false;
    if (a->q_rows > PTRDIFF_MAX / 2 || a->kv_rows > PTRDIFF_MAX / 2)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s is too large",
                           a->q_rows > a->kv_rows ? "q_rows" : "kv_rows");
    job->operand[Q] = heed_read("q", &a->q, a->batch, a->q_heads, a->q_rows, a->qk_dim);
    job->operand[K] = heed_read("k", &a->k, a->batch, a->kv_heads, a->kv_rows, a->qk_dim);
    job->operand[V] = heed_read("v", &a->v, a->batch, a->kv_heads, a->kv_rows, a->v_dim);
    job->operand[O] = heed_written("o", &a->o, a->batch, a->q_heads, a->q_rows, a->v_dim);
    job->operand[LSE] = heed_written("lse", &a->lse, a->batch, a->q_heads, a->q_rows, 1);
    job->operand[LSE].optional = true;
    if (a->packed_k) { /* checked on its own; here only not to be overwritten */
        const heed_input packed = {.data = a->packed_k};

        job->operand[K] = heed_read("packed_k", &packed, 1, 1, 1, a->packed_k_size / sizeof(float));
    }
    if (!check_mask(check, job) || !check_scale(check, job) ||
        !heed_check_operands(check, job->operand, OPERANDS))
        return false;
    job->isa = heed_check_isa(check, a->isa);
    if (!job->isa || !check_packed(check, job))
        return false;
    job->plan = heed_plan_attention(a);
    if (job->plan.workspace == SIZE_MAX)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "q_rows x v_dim is too large to compute");
    if (a->workspace && a->workspace_size < job->plan.workspace)
        return heed_refuse(check, HEED_WORKSPACE_TOO_SMALL,
                           "workspace_size is %zu, %zu bytes are needed", a->workspace_size,
                           job->plan.workspace);
    return true;
}

/* The rows of a row block: task rows, o and lse of its KV head. */
static struct heed_attend_task rows_task(const struct job *job, size_t head, size_t row_block)
{
    const struct heed_plan *p = &job->plan;
    const struct heed_operand *op = job->operand;
    const size_t batch = head / job->args.kv_heads, kv_head = head % job->args.kv_heads;
    const size_t q_head = kv_head * p->group, first_row = row_block * p->block_rows;
    const size_t left = p->rows - first_row;
    const float *panels = job->args.packed_k
                              ? heed_packed_panels(job->args.packed_k, &job->packed, batch, kv_head)
                              : NULL;

    return (struct heed_attend_task){
        .q = heed_at(&op[Q], batch, q_head, 0),
        .k = panels ? NULL : heed_at(&op[K], batch, kv_head, 0),
        .v = heed_at(&op[V], batch, kv_head, 0),
        .panels = panels,
        .o = heed_out(&op[O], batch, q_head, 0),
        .lse = op[LSE].data ? heed_out(&op[LSE], batch, q_head, 0) : NULL,
        .q_head = op[Q].stride[1],
        .q_row = op[Q].stride[2],
        .k_row = op[K].stride[2],
        .v_row = op[V].stride[2],
        .o_head = op[O].stride[1],
        .o_row = op[O].stride[2],
        .lse_head = op[LSE].stride[1],
        .lse_row = op[LSE].stride[2],
        .group = p->group,
        .qk_dim = job->args.qk_dim,
        .v_dim = job->args.v_dim,
        .first_row = first_row,
        .rows = left < p->block_rows ? left : p->block_rows,
        .end_key = job->args.kv_rows,
        .first_limit = job->first_limit,
        .limit_step = job->limit_step,
        .scale = job->scale,
    };
}

/* Where the partial results of a row block stand: [chunk][row of the block]. */
static size_t first_part(const struct heed_plan *p, size_t head, size_t row_block)
{
    return (head * p->row_blocks + row_block) * p->chunks * p->block_rows;
}

static void run_task(const void *shared, size_t index, size_t worker)
{
    const struct job *job = shared;
    const struct heed_plan *p = &job->plan;
    const size_t range = index % p->ranges, block = index / p->ranges % p->row_blocks;
    const size_t head = index / p->ranges / p->row_blocks;
    /* Causal rows see more the later they come: the longest tasks first. */
    const size_t row_block = p->row_blocks - 1 - block;
    struct heed_attend_task task = rows_task(job, head, row_block);

    task.scratch = job->scratch + worker * p->scratch;
    if (p->ranges > 1) {
        const size_t chunk = range * p->range_chunks;
        const size_t part = first_part(p, head, row_block) + chunk * task.rows;
        const size_t end = (chunk + p->range_chunks) * HEED_CHUNK;

        task.first_key = chunk * HEED_CHUNK;
        task.end_key = end < task.end_key ? end : task.end_key;
        task.part_state = job->part_state + part;
        task.part_sum = job->part_sum + part * heed_pad(task.v_dim, HEED_LANES);
    }
    job->isa->attend(&task);
}

/* Merges the partial results of the rows of one row block. */
static void gather_block(const void *shared, size_t index, size_t worker)
{
    const struct job *job = shared;
    const struct heed_plan *p = &job->plan;
    const size_t head = index / p->row_blocks, row_block = index % p->row_blocks;
    const struct heed_attend_task t = rows_task(job, head, row_block);
    const size_t part = first_part(p, head, row_block), v_pad = heed_pad(t.v_dim, HEED_LANES);

    (void)worker;
    for (size_t r = 0; r < t.rows; r++) {
        const ptrdiff_t i = (ptrdiff_t)((t.first_row + r) / t.group);
        const ptrdiff_t h = (ptrdiff_t)((t.first_row + r) % t.group);
        const struct heed_gather_task gather = {
            .part_state = job->part_state + part + r,
            .part_sum = job->part_sum + (part + r) * v_pad,
            .chunks = p->chunks,
            .state_step = t.rows,
            .sum_step = t.rows * v_pad,
            .v_dim = t.v_dim,
            .scale = t.scale,
            .o = t.o + h * t.o_head + i * t.o_row,
            .lse = t.lse ? t.lse + h * t.lse_head + i * t.lse_row : NULL,
        };

        job->isa->gather(&gather);
    }
}

static void run(struct job *job, char *workspace)
{
    const struct heed_plan *p = &job->plan;
    char *at = workspace + (64 - (uintptr_t)workspace % 64) % 64;

    job->scratch = at;
    at += p->workers * p->scratch;
    job->part_state = (struct heed_row_state *)(void *)at;
    job->part_sum = (float *)(void *)(at + heed_pad(p->part_state, 64));
    heed_run(&job->args.parallel, p->tasks, run_task, job);
    if (p->ranges > 1)
        heed_run(&job->args.parallel, p->heads * p->row_blocks, gather_block, job);
}

static heed_status run_on_heap(struct job *job)
{
    char *workspace = heed_alloc(job->plan.workspace);

    if (!workspace)
        return HEED_OUT_OF_MEMORY;
    run(job, workspace);
    free(workspace);
    return HEED_OK;
}

static void run_on_stack(struct job *job)
{
    char workspace[ON_STACK];

    run(job, workspace);
}

heed_status heed_attention(const heed_attention_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct job job;

    if (heed_attend_small(args))
        return HEED_OK;
    if (!prepare(&check, &job, args))
        return check.status;
    if (job.args.workspace)
        run(&job, job.args.workspace);
    else if (job.plan.workspace <= ON_STACK)
        run_on_stack(&job);
    else
        return run_on_heap(&job);
    return HEED_OK;
}

heed_status heed_attention_check(const heed_attention_args *args, char *reason, size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    struct job job;

    prepare(&check, &job, args);
    return check.status;
}

heed_status heed_attention_workspace(const heed_attention_args *args, size_t *bytes)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct job job;

    prepare(&check, &job, args);
    /* A workspace that is too small yet is what this function is asked about. */
    if (check.status == HEED_WORKSPACE_TOO_SMALL)
        check.status = HEED_OK;
    if (!bytes)
        return HEED_INVALID_ARGUMENT;
    if (check.status == HEED_OK)
        *bytes = job.plan.workspace;
    return check.status;
}
