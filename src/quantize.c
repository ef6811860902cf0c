/* SPDX-License-Identifier: MIT */
/* quantize.c - heed_quantize() and heed_dequantize(). */
#include <string.h>

#include "args.h"
#include "parallel.h"

enum {
    X,
    Y,
    SCALES,
    OPERANDS,
    TASK_NUMBERS = 16384 /* some us of work, many times a task's overhead */
};

/* Either call: of the one x and y are numbers and codes, of the other codes and numbers. */
struct job {
    size_t batch, heads, rows, dim;
    struct heed_operand operand[OPERANDS];
    const struct heed_isa *isa;
    bool back;
    size_t task_rows, tasks_per_head;
};

static bool check_job(struct heed_check *check, struct job *job, const heed_isa *isa)
{
    struct heed_operand *numbers = &job->operand[job->back ? Y : X];
    struct heed_operand *codes = &job->operand[job->back ? X : Y];

    numbers->half = codes->byte = true;
    if (!heed_check_operands(check, job->operand, OPERANDS))
        return false;
    job->isa = heed_check_isa(check, isa);
    if (!job->isa)
        return false;
    job->task_rows = job->dim < TASK_NUMBERS ? TASK_NUMBERS / (job->dim + !job->dim) : 1;
    job->tasks_per_head = heed_pieces(job->rows, job->task_rows);
    return true;
}

static bool prepare(struct heed_check *check, struct job *job, heed_parallel *parallel,
                    const heed_quantize_args *args)
{
    heed_quantize_args a;

    memset(job, 0, sizeof *job);
    if (!heed_copy_args(check, &a, sizeof a, offsetof(heed_quantize_args, parallel), args))
        return false;
    *parallel = a.parallel;
    job->batch = a.batch, job->heads = a.heads, job->rows = a.rows, job->dim = a.dim;
    job->operand[X] = heed_read("x", &a.x, a.batch, a.heads, a.rows, a.dim);
    job->operand[Y] = heed_written("y", &a.y, a.batch, a.heads, a.rows, a.dim);
    job->operand[SCALES] = heed_written("scales", &a.scales, a.batch, a.heads, a.rows, 1);
    return check_job(check, job, a.isa);
}

static bool prepare_back(struct heed_check *check, struct job *job, heed_parallel *parallel,
                         const heed_dequantize_args *args)
{
    heed_dequantize_args a;

    memset(job, 0, sizeof *job);
    if (!heed_copy_args(check, &a, sizeof a, offsetof(heed_dequantize_args, parallel), args))
        return false;
    *parallel = a.parallel;
    job->back = true;
    job->batch = a.batch, job->heads = a.heads, job->rows = a.rows, job->dim = a.dim;
    job->operand[X] = heed_read("x", &a.x, a.batch, a.heads, a.rows, a.dim);
    job->operand[Y] = heed_written("y", &a.y, a.batch, a.heads, a.rows, a.dim);
    job->operand[SCALES] = heed_read("scales", &a.scales, a.batch, a.heads, a.rows, 1);
    job->operand[SCALES].optional = a.x.dtype != HEED_I8;
    return check_job(check, job, a.isa);
}

static void run_task(const void *shared, size_t index, size_t worker)
{
    const struct job *job = shared;
    const struct heed_operand *x = &job->operand[X], *y = &job->operand[Y];
    const struct heed_operand *scales = &job->operand[SCALES];
    const size_t row = index % job->tasks_per_head * job->task_rows, left = job->rows - row;
    const size_t head = index / job->tasks_per_head % job->heads;
    const size_t batch = index / job->tasks_per_head / job->heads;
    const struct heed_quantize_task task = {
        .x = heed_address(x, batch, head, row),
        .y = (void *)(uintptr_t)heed_address(y, batch, head, row),
        .scales = scales->data ? heed_out(scales, batch, head, row) : NULL,
        .x_type = x->dtype,
        .y_type = y->dtype,
        .x_row = x->stride[2],
        .y_row = y->stride[2],
        .scales_row = scales->stride[2],
        .rows = left < job->task_rows ? left : job->task_rows,
        .dim = job->dim,
    };

    (void)worker;
    if (job->back)
        job->isa->dequantize(&task);
    else
        job->isa->quantize(&task);
}

/* Rows without numbers have scales all the same: 0. */
static heed_status run(const struct job *job, const heed_parallel *parallel)
{
    const size_t heads = heed_mul(job->batch, job->heads);

    if (heads && job->rows && (job->dim || !job->back))
        heed_run(parallel, heed_mul(heads, job->tasks_per_head), run_task, job);
    return HEED_OK;
}

heed_status heed_quantize(const heed_quantize_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    heed_parallel parallel;
    struct job job;

    return prepare(&check, &job, &parallel, args) ? run(&job, &parallel) : check.status;
}

heed_status heed_dequantize(const heed_dequantize_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    heed_parallel parallel;
    struct job job;

    return prepare_back(&check, &job, &parallel, args) ? run(&job, &parallel) : check.status;
}

heed_status heed_quantize_check(const heed_quantize_args *args, char *reason, size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    heed_parallel parallel;
    struct job job;

    prepare(&check, &job, &parallel, args);
    return check.status;
}

heed_status heed_dequantize_check(const heed_dequantize_args *args, char *reason,
                                  size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    heed_parallel parallel;
    struct job job;

    prepare_back(&check, &job, &parallel, args);
    return check.status;
}
