/* SPDX-License-Identifier: MIT */
/* backward_tasks.c - the tasks of the backward pass: from blocks of keys and rows to kernels. */
#include "backward.h"
#include "masks.h"

struct heed_backward_batch heed_backward_batch_of(const struct heed_backward_job *job, size_t index)
{
    struct heed_backward_batch b = {.index = index, .at = heed_sequence_of(&job->call, index)};

    b.sight = heed_sight_of(&job->call, index, &b.at);
    return b;
}

static struct heed_side side_of(const struct heed_operand *qk, const struct heed_operand *v,
                                size_t batch, size_t head, size_t row)
{
    return (struct heed_side){
        .qk = heed_address(qk, batch, head, row),
        .v = heed_address(v, batch, head, row),
        .qk_type = qk->dtype,
        .v_type = v->dtype,
        .qk_head = qk->stride[1],
        .qk_row = qk->stride[2],
        .v_head = v->stride[1],
        .v_row = v->stride[2],
    };
}

static struct heed_side queries_of(const struct heed_backward_job *job,
                                   const struct heed_backward_batch *b, size_t head)
{
    return side_of(&job->operand[HEED_GRAD_Q], &job->operand[HEED_GRAD_D_O], b->at.batch, head,
                   b->at.q_row);
}

static struct heed_side keys_of(const struct heed_backward_job *job,
                                const struct heed_backward_batch *b, size_t head)
{
    return side_of(&job->operand[HEED_GRAD_K], &job->operand[HEED_GRAD_V], b->at.page, head,
                   b->at.kv_row);
}

/* What both kinds of tasks have in common. */
static struct heed_backward_task task_of(const struct heed_backward_job *job,
                                         const struct heed_backward_batch *b, size_t q_head)
{
    const struct heed_operand *op = job->operand;

    return (struct heed_backward_task){
        .o = heed_address(&op[HEED_GRAD_O], b->at.batch, q_head, b->at.q_row),
        .o_type = op[HEED_GRAD_O].dtype,
        .lse = heed_at(&op[HEED_GRAD_LSE], b->at.batch, q_head, b->at.q_row),
        .o_head = op[HEED_GRAD_O].stride[1],
        .o_row = op[HEED_GRAD_O].stride[2],
        .lse_head = op[HEED_GRAD_LSE].stride[1],
        .lse_row = op[HEED_GRAD_LSE].stride[2],
        .sight = b->sight,
        .rules = job->has_rules ? &job->rules : NULL,
        .batch = b->index,
        .first_q_head = q_head,
        .qk_dim = job->args.qk_dim,
        .v_dim = job->args.v_dim,
        .scale = heed_scale(job->args.scale, job->args.qk_dim),
        .widens_qk = job->widens_qk,
        .widens_v = job->widens_v,
    };
}

static void *row_0(const struct heed_operand *output, size_t batch, size_t head, size_t row)
{
    return heed_wanted(output) ? (void *)(uintptr_t)heed_address(output, batch, head, row) : NULL;
}

/* How many rows of k and v a sequence has, whether or not its keys exist. */
static size_t rows_in_memory(const struct heed_backward_job *job, size_t batch)
{
    const int32_t *offsets = job->args.kv_offsets;

    return offsets ? (size_t)(offsets[batch + 1] - offsets[batch]) : job->args.kv_rows;
}

struct heed_backward_task heed_backward_keys(const struct heed_backward_job *job, size_t index)
{
    const struct heed_operand *op = job->operand;
    const size_t block = index % job->key_blocks, heads = index / job->key_blocks;
    const size_t head = heads % job->args.kv_heads;
    const struct heed_backward_batch b = heed_backward_batch_of(job, heads / job->args.kv_heads);
    struct heed_backward_task task = task_of(job, &b, head * job->group);

    task.kept = keys_of(job, &b, head);
    task.streamed = queries_of(job, &b, head * job->group);
    task.first_row = block * HEED_BACKWARD_ROWS;
    task.rows = heed_rows_of_block(rows_in_memory(job, b.index), task.first_row);
    task.heads = job->group;
    task.streamed_rows = b.at.q_rows;
    task.d_qk = row_0(&op[HEED_GRAD_D_K], b.at.page, head, b.at.kv_row);
    task.d_v = row_0(&op[HEED_GRAD_D_V], b.at.page, head, b.at.kv_row);
    task.d_qk_type = op[HEED_GRAD_D_K].dtype;
    task.d_v_type = op[HEED_GRAD_D_V].dtype;
    task.d_qk_row = op[HEED_GRAD_D_K].stride[2];
    task.d_v_row = op[HEED_GRAD_D_V].stride[2];
    return task;
}

struct heed_backward_task heed_backward_rows(const struct heed_backward_job *job,
                                             const struct heed_backward_batch *b, size_t head,
                                             size_t block)
{
    const struct heed_operand *op = job->operand;
    struct heed_backward_task task = task_of(job, b, head);

    task.keeps_queries = true;
    task.kept = queries_of(job, b, head);
    task.streamed = keys_of(job, b, head / job->group);
    task.first_row = block * HEED_BACKWARD_ROWS;
    task.rows = heed_rows_of_block(b->at.q_rows, task.first_row);
    task.heads = 1;
    task.streamed_rows = b->at.kv_rows;
    task.d_qk = row_0(&op[HEED_GRAD_D_Q], b->at.batch, head, b->at.q_row);
    task.d_qk_type = op[HEED_GRAD_D_Q].dtype;
    task.d_qk_row = op[HEED_GRAD_D_Q].stride[2];
    if (heed_wanted(&op[HEED_GRAD_D_BIAS])) {
        task.d_bias = heed_d_bias_at(job, b->index, head, 0);
        task.d_bias_row = job->args.d_bias.row_stride;
        task.d_bias_key = job->args.d_bias.key_stride;
    }
    return task;
}

void heed_backward_narrow(struct heed_backward_task *t, struct heed_rules *rest)
{
    const bool rows = t->keeps_queries;
    const struct heed_scope scope = {
        .batch = t->batch,
        .first_head = t->first_q_head,
        .heads = rows ? 1 : t->heads,
        .first_row = rows ? t->first_row : 0,
        .rows = rows ? t->rows : t->streamed_rows,
        .first_key = rows ? 0 : t->first_row,
        .end_key = rows ? t->streamed_rows : t->first_row + t->rows,
    };

    if (t->rules)
        t->rules = heed_narrow(t->rules, &scope, &t->sight, rest);
}
