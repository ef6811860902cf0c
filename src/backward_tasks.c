/* SPDX-License-Identifier: MIT */
/* backward_tasks.c - the tasks of the backward pass: from blocks of keys and rows to kernels. */
#include "backward.h"
#include "parallel.h"

static struct heed_side side_of(const struct heed_operand *qk, const struct heed_operand *v,
                                size_t batch, size_t head)
{
    return (struct heed_side){
        .qk = heed_at(qk, batch, head, 0),
        .v = heed_at(v, batch, head, 0),
        .qk_head = qk->stride[1],
        .qk_row = qk->stride[2],
        .v_head = v->stride[1],
        .v_row = v->stride[2],
    };
}

/* What both kinds of tasks have in common. */
static struct heed_backward_task task_of(const struct heed_backward_job *job, size_t batch,
                                         size_t q_head)
{
    const struct heed_operand *op = job->operand;

    return (struct heed_backward_task){
        .o = heed_at(&op[HEED_GRAD_O], batch, q_head, 0),
        .lse = heed_at(&op[HEED_GRAD_LSE], batch, q_head, 0),
        .o_head = op[HEED_GRAD_O].stride[1],
        .o_row = op[HEED_GRAD_O].stride[2],
        .lse_head = op[HEED_GRAD_LSE].stride[1],
        .lse_row = op[HEED_GRAD_LSE].stride[2],
        .qk_dim = job->args.qk_dim,
        .v_dim = job->args.v_dim,
        .scale = job->scale,
    };
}

static float *row_0(const struct heed_operand *output, size_t batch, size_t head)
{
    return heed_wanted(output) ? heed_out(output, batch, head, 0) : NULL;
}

/* d_k and d_v of a block of keys.  The first keys are seen by most rows and come first. */
static struct heed_backward_task key_task(const struct heed_backward_job *job, size_t index)
{
    const struct heed_operand *op = job->operand;
    const size_t block = index % job->key_blocks, heads = index / job->key_blocks;
    const size_t batch = heads / job->args.kv_heads, head = heads % job->args.kv_heads;
    struct heed_backward_task task = task_of(job, batch, head * job->group);

    task.kept = side_of(&op[HEED_GRAD_K], &op[HEED_GRAD_V], batch, head);
    task.streamed = side_of(&op[HEED_GRAD_Q], &op[HEED_GRAD_D_O], batch, head * job->group);
    task.first_row = block * HEED_BACKWARD_ROWS;
    task.rows = heed_at_most(job->args.kv_rows - task.first_row, HEED_BACKWARD_ROWS);
    task.heads = job->group;
    task.streamed_rows = job->args.q_rows;
    task.band = job->rows;
    task.d_qk = row_0(&op[HEED_GRAD_D_K], batch, head);
    task.d_v = row_0(&op[HEED_GRAD_D_V], batch, head);
    task.d_qk_row = op[HEED_GRAD_D_K].stride[2];
    task.d_v_row = op[HEED_GRAD_D_V].stride[2];
    return task;
}

/* d_q of a block of query rows.  The last rows see most keys and come first. */
static struct heed_backward_task row_task(const struct heed_backward_job *job, size_t index)
{
    const struct heed_operand *op = job->operand;
    const size_t block = job->row_blocks - 1 - index % job->row_blocks;
    const size_t heads = index / job->row_blocks;
    const size_t batch = heads / job->args.q_heads, head = heads % job->args.q_heads;
    struct heed_backward_task task = task_of(job, batch, head);

    task.keeps_queries = true;
    task.kept = side_of(&op[HEED_GRAD_Q], &op[HEED_GRAD_D_O], batch, head);
    task.streamed = side_of(&op[HEED_GRAD_K], &op[HEED_GRAD_V], batch, head / job->group);
    task.first_row = block * HEED_BACKWARD_ROWS;
    task.rows = heed_at_most(job->args.q_rows - task.first_row, HEED_BACKWARD_ROWS);
    task.heads = 1;
    task.streamed_rows = job->args.kv_rows;
    task.band = job->keys;
    task.d_qk = row_0(&op[HEED_GRAD_D_Q], batch, head);
    task.d_qk_row = op[HEED_GRAD_D_Q].stride[2];
    return task;
}

static void run_task(const void *shared, size_t index, size_t worker)
{
    const struct heed_backward_job *job = shared;
    struct heed_backward_task task =
        index < job->key_tasks ? key_task(job, index) : row_task(job, index - job->key_tasks);

    task.scratch = job->memory + worker * job->scratch;
    job->isa->backward(&task);
}

void heed_backward_run(struct heed_backward_job *job, char *workspace)
{
    job->memory = workspace + (64 - (uintptr_t)workspace % 64) % 64;
    heed_run(&job->args.parallel, job->tasks, run_task, job);
}
