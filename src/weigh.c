/* SPDX-License-Identifier: MIT */
/* weigh.c - o = w v + b over batches and heads: what weighted sums and linear share. */
#include "weigh.h"

#include "parallel.h"

enum { TASK_ROWS = 96, TASK_COLS = 256 };

/* The address of element [batch][head][row][col]. */
static const void *column(const struct heed_operand *o, size_t batch, size_t head, size_t row,
                          size_t col)
{
    return heed_after(heed_address(o, batch, head, row), (ptrdiff_t)col, o->dtype);
}

static void run_task(const void *shared, size_t index, size_t worker)
{
    const struct heed_weigh *job = shared;
    const size_t rows = job->o->count[2], cols = job->o->dim;
    const size_t col_blocks = heed_pieces(cols, TASK_COLS),
                 row_blocks = heed_pieces(rows, TASK_ROWS);
    const size_t col = index % col_blocks * TASK_COLS;
    const size_t row = index / col_blocks % row_blocks * TASK_ROWS;
    const size_t heads = index / col_blocks / row_blocks;
    const size_t batch = heads / job->o->count[1], head = heads % job->o->count[1];
    const struct heed_operand *b = job->b && job->b->data ? job->b : NULL;
    const struct heed_weighted_sum_task task = {
        .w = heed_address(job->w, batch, head, row),
        .v = column(job->v, batch, head / job->group, 0, col),
        .b = b ? column(b, 0, 0, 0, col) : NULL,
        .o = (void *)(uintptr_t)column(job->o, batch, head, row, col),
        .w_type = job->w->dtype,
        .v_type = job->v->dtype,
        .b_type = b ? b->dtype : HEED_F32,
        .o_type = job->o->dtype,
        .w_row = job->w->stride[2],
        .v_row = job->v->stride[2],
        .o_row = job->o->stride[2],
        .rows = rows - row < TASK_ROWS ? rows - row : TASK_ROWS,
        .keys = job->w->dim,
        .v_dim = cols - col < TASK_COLS ? cols - col : TASK_COLS,
    };

    (void)worker;
    job->isa->weighted_sum(&task);
}

void heed_weigh(const struct heed_weigh *job, const heed_parallel *parallel)
{
    const struct heed_operand *o = job->o;

    /* No overflow: the output holds at least one number per task. */
    heed_run(parallel,
             o->count[0] * o->count[1] * heed_pieces(o->count[2], TASK_ROWS) *
                 heed_pieces(o->dim, TASK_COLS),
             run_task, job);
}
