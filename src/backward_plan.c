/* SPDX-License-Identifier: MIT */
/* backward_plan.c - how a call of the backward pass is cut into tasks, and what memory they take.
 */
#include "backward.h"
#include "backward_scratch.h"
#include "parallel.h"

static bool widens(const struct heed_operand *a, const struct heed_operand *b)
{
    return a->dtype != HEED_F32 || b->dtype != HEED_F32;
}

/* Rows of the longest sequence. */
static size_t longest(const int32_t *offsets, size_t batch, size_t rows)
{
    size_t most = 0;

    for (size_t b = 0; offsets && b < batch; b++) {
        const size_t count = (size_t)(offsets[b + 1] - offsets[b]);

        most = count > most ? count : most;
    }
    return offsets ? most : rows;
}

/* Tasks of rows: those whose d_bias is added up are one. */
static size_t row_tasks(struct heed_backward_job *job)
{
    const heed_attention_backward_args *a = &job->args;
    const bool bias = heed_wanted(&job->operand[HEED_GRAD_D_BIAS]);

    job->sums_batches = bias && !a->d_bias.batch_stride;
    job->sums_heads = bias && !a->d_bias.head_stride;
    job->sums_rows = bias && !a->d_bias.row_stride;
    /* Of d_bias also rows that no sequence has are written. */
    job->row_blocks = heed_pieces(
        bias && !job->sums_rows ? a->q_rows : longest(a->q_offsets, a->batch, a->q_rows),
        HEED_BACKWARD_ROWS);
    if (!bias && !heed_wanted(&job->operand[HEED_GRAD_D_Q]))
        return 0;
    return heed_mul(heed_mul(job->sums_batches ? 1 : a->batch, job->sums_heads ? 1 : a->q_heads),
                    job->sums_rows ? 1 : job->row_blocks);
}

static void plan_tasks(struct heed_backward_job *job)
{
    const heed_attention_backward_args *a = &job->args;
    const struct heed_operand *op = job->operand;

    job->group = a->kv_heads ? a->q_heads / a->kv_heads : 1;
    job->key_blocks = heed_pieces(longest(a->kv_offsets, a->batch, a->kv_rows), HEED_BACKWARD_ROWS);
    if (heed_wanted(&op[HEED_GRAD_D_K]) || heed_wanted(&op[HEED_GRAD_D_V]))
        job->key_tasks = heed_mul(heed_mul(a->batch, a->kv_heads), job->key_blocks);
    job->row_tasks = row_tasks(job);
    job->tasks = heed_add(job->key_tasks, job->row_tasks);
    if (heed_wanted(&op[HEED_GRAD_D_SINKS]))
        job->tasks = heed_add(job->tasks, a->q_heads);
}

static void plan_memory(struct heed_backward_job *job)
{
    const heed_attention_backward_args *a = &job->args;
    const struct heed_operand *op = job->operand;
    const struct heed_backward_sizes n = {
        .rows = heed_at_most(a->q_rows > a->kv_rows ? a->q_rows : a->kv_rows, HEED_BACKWARD_ROWS),
        .qk_dim = a->qk_dim,
        .v_dim = a->v_dim,
        .widens_qk = widens(&op[HEED_GRAD_Q], &op[HEED_GRAD_K]),
        .widens_v = widens(&op[HEED_GRAD_D_O], &op[HEED_GRAD_V]),
        .masks = a->bias.data || a->visible.data || a->blocks.data,
        .biases = a->bias.data,
    };
    struct heed_backward_scratch s;

    job->widens_qk = n.widens_qk;
    job->widens_v = n.widens_v;
    job->workspace = 64;
    if (!job->tasks)
        return;

    /* Of the scratch no piece is larger than this many numbers, and there are some 18. */
    const size_t dims = heed_add(heed_add(a->qk_dim, a->v_dim), HEED_BLOCK + HEED_LANES);
    job->workspace = SIZE_MAX;
    if (heed_mul(heed_mul(dims, HEED_BACKWARD_ROWS), 128) == SIZE_MAX)
        return;
    job->scratch = heed_backward_layout(&s, NULL, &n);
    job->workspace =
        heed_add(64, heed_mul(heed_worker_count(&a->parallel, job->tasks), job->scratch));
}

void heed_backward_plan(struct heed_backward_job *job)
{
    plan_tasks(job);
    if (job->tasks != SIZE_MAX)
        plan_memory(job);
}
