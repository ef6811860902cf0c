/* SPDX-License-Identifier: MIT */
/* rope.c - heed_rope(): rotary position embedding. */
#include "rope.h"

#include <math.h>

#include "parallel.h"

enum {
    PIECE = 128,         /* pairs whose angles are on the stack at a time: 2 KiB */
    TASK_NUMBERS = 65536 /* many, for each task computes the powers of theta anew */
};

/* The angles of some pairs, by theta. */
struct angles {
    double step[PIECE]; /* from position to position */
    float cos[PIECE], sin[PIECE];
};

static void begin_angles(const struct heed_rope_job *job, struct angles *angles, size_t first,
                         size_t pairs)
{
    for (size_t i = 0; i < pairs; i++)
        angles->step[i] = pow(job->theta, -2.0 * (double)(first + i) / (double)job->rotary_dim);
}

static void angles_at(struct angles *angles, int64_t position, size_t pairs)
{
    for (size_t i = 0; i < pairs; i++) {
        const double angle = (double)position * angles->step[i];

        angles->cos[i] = (float)cos(angle);
        angles->sin[i] = (float)sin(angle);
    }
}

/* What is the same for all rows.  With the last pairs go the numbers that do not turn. */
static struct heed_rope_task task_of(const struct heed_rope_job *job, size_t first, size_t pairs)
{
    const size_t all = job->rotary_dim / 2;

    return (struct heed_rope_task){
        .x_type = job->operand[HEED_ROPE_X].dtype,
        .y_type = job->operand[HEED_ROPE_Y].dtype,
        .x_head = job->operand[HEED_ROPE_X].stride[1],
        .y_head = job->operand[HEED_ROPE_Y].stride[1],
        .heads = job->args.heads,
        .first = first,
        .pairs = pairs,
        .apart = job->args.pairs == HEED_ROPE_HALVES ? all : 1,
        .rest = job->rotary_dim,
        .rest_dim = first + pairs == all ? job->args.dim - job->rotary_dim : 0,
    };
}

/* Pairs [first, first + pairs) of rows [row, end), counted through all batches. */
static void turn_piece(const struct heed_rope_job *job, size_t row, size_t end, size_t first,
                       size_t pairs)
{
    const heed_rope_args *a = &job->args;
    const struct heed_operand *op = job->operand;
    struct heed_rope_task task = task_of(job, first, pairs);
    struct angles angles;

    task.cos = angles.cos;
    task.sin = angles.sin;
    if (!a->cos)
        begin_angles(job, &angles, first, pairs);
    for (; row < end; row++) {
        const size_t b = row / a->rows, r = row % a->rows;
        const int64_t position = heed_rope_position(a, b, r);

        if (a->cos) {
            task.cos = heed_at(&op[HEED_ROPE_COS], 0, 0, (size_t)position) + first;
            task.sin = heed_at(&op[HEED_ROPE_SIN], 0, 0, (size_t)position) + first;
        } else {
            angles_at(&angles, position, pairs);
        }
        task.x = heed_address(&op[HEED_ROPE_X], b, 0, r);
        task.y = (void *)(uintptr_t)heed_address(&op[HEED_ROPE_Y], b, 0, r);
        job->isa->rope(&task);
    }
}

static void run_task(const void *shared, size_t index, size_t worker)
{
    const struct heed_rope_job *job = shared;
    const size_t row = index * job->task_rows, left = job->args.batch * job->args.rows - row;
    const size_t end = row + (left < job->task_rows ? left : job->task_rows);
    const size_t pairs = job->rotary_dim / 2, step = job->args.cos ? pairs : PIECE;

    (void)worker;
    for (size_t first = 0; first < pairs; first += step)
        turn_piece(job, row, end, first, pairs - first < step ? pairs - first : step);
}

heed_status heed_rope(const heed_rope_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct heed_rope_job job;

    if (!heed_rope_prepare(&check, &job, args))
        return check.status;

    const heed_rope_args *a = &job.args;
    if (!a->batch || !a->heads || !a->rows || !a->dim)
        return HEED_OK;
    /* No overflow: the output holds that many numbers. */
    job.task_rows = TASK_NUMBERS / (a->heads * a->dim);
    job.task_rows += !job.task_rows;
    heed_run(&a->parallel, heed_pieces(a->batch * a->rows, job.task_rows), run_task, &job);
    return HEED_OK;
}

heed_status heed_rope_check(const heed_rope_args *args, char *reason, size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    struct heed_rope_job job;

    heed_rope_prepare(&check, &job, args);
    return check.status;
}
