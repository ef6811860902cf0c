/* SPDX-License-Identifier: MIT */
/* backward_run.c - runs the tasks of the backward pass, those whose d_bias meet in one. */
#include "backward.h"
#include "parallel.h"

/* Indices that a task goes through: its own, or, where d_bias is their sum, all. */
struct indices {
    size_t first, end;
};

static struct indices indices_of(bool sums, size_t all, size_t own)
{
    return sums ? (struct indices){0, all} : (struct indices){own, own + 1};
}

static void clear_d_bias(const struct heed_backward_job *job, size_t batch, size_t head,
                         size_t block)
{
    const size_t first = block * HEED_BACKWARD_ROWS;

    if (heed_wanted(&job->operand[HEED_GRAD_D_BIAS]))
        heed_clear_d_bias(job, batch, head, first,
                          job->sums_rows ? 1 : heed_rows_of_block(job->args.q_rows, first));
}

/* One head's share of a task of rows. */
static void run_blocks(const struct heed_backward_job *job, size_t batch, size_t head,
                       struct indices blocks, void *scratch)
{
    const struct heed_backward_batch b = heed_backward_batch_of(job, batch);

    for (size_t block = blocks.first; block < blocks.end; block++) {
        struct heed_backward_task task = heed_backward_rows(job, &b, head, block);
        struct heed_rules rest;

        heed_backward_narrow(&task, &rest);
        task.scratch = scratch;
        if (task.rows)
            job->isa->backward(&task);
    }
}

/* The last rows see most keys and come first. */
static void run_rows(const struct heed_backward_job *job, size_t index, void *scratch)
{
    const size_t own_blocks = job->sums_rows ? 1 : job->row_blocks;
    const size_t own_heads = job->sums_heads ? 1 : job->args.q_heads;
    const size_t block = own_blocks - 1 - index % own_blocks, head = index / own_blocks % own_heads;
    const size_t batch = index / own_blocks / own_heads;
    const struct indices batches = indices_of(job->sums_batches, job->args.batch, batch);
    const struct indices heads = indices_of(job->sums_heads, job->args.q_heads, head);
    const struct indices blocks = indices_of(job->sums_rows, job->row_blocks, block);

    clear_d_bias(job, batch, head, block);
    for (size_t b = batches.first; b < batches.end; b++)
        for (size_t h = heads.first; h < heads.end; h++)
            run_blocks(job, b, h, blocks, scratch);
}

/* The gradient of the sink of a head. */
static void run_sink(const struct heed_backward_job *job, size_t head)
{
    const struct heed_operand *op = job->operand;
    double sum = 0;

    for (size_t index = 0; index < job->args.batch; index++) {
        const struct heed_sequence at = heed_sequence_of(&job->call, index);
        const struct heed_sink_task task = {
            .o = heed_address(&op[HEED_GRAD_O], at.batch, head, at.q_row),
            .d_o = heed_address(&op[HEED_GRAD_D_O], at.batch, head, at.q_row),
            .o_type = op[HEED_GRAD_O].dtype,
            .d_o_type = op[HEED_GRAD_D_O].dtype,
            .lse = heed_at(&op[HEED_GRAD_LSE], at.batch, head, at.q_row),
            .o_row = op[HEED_GRAD_O].stride[2],
            .d_o_row = op[HEED_GRAD_D_O].stride[2],
            .lse_row = op[HEED_GRAD_LSE].stride[2],
            .rows = at.q_rows,
            .v_dim = job->args.v_dim,
            .sink = job->args.sinks[head],
            .sum = &sum,
        };

        job->isa->backward_sink(&task);
    }
    job->args.d_sinks[head] = (float)sum;
}

static void run_keys(const struct heed_backward_job *job, size_t index, void *scratch)
{
    struct heed_backward_task task = heed_backward_keys(job, index);
    struct heed_rules rest;

    heed_backward_narrow(&task, &rest);
    task.scratch = scratch;
    if (task.rows)
        job->isa->backward(&task);
}

static void run_task(const void *shared, size_t index, size_t worker)
{
    const struct heed_backward_job *job = shared;
    const size_t sinks = job->key_tasks + job->row_tasks;
    void *scratch = job->memory + worker * job->scratch;

    if (index < job->key_tasks)
        run_keys(job, index, scratch);
    else if (index < sinks)
        run_rows(job, index - job->key_tasks, scratch);
    else
        run_sink(job, index - sinks);
}

void heed_backward_run(struct heed_backward_job *job, char *workspace)
{
    job->memory = workspace + (64 - (uintptr_t)workspace % 64) % 64;
    heed_run(&job->args.parallel, job->tasks, run_task, job);
}
