/* SPDX-License-Identifier: MIT */
/* rows.c - heed_exp(), heed_softmax() and heed_normalize(). */
#include <string.h>

#include "args.h"
#include "parallel.h"

enum {
    X,
    Y,
    OPERANDS,
    TASK_NUMBERS = 16384 /* about 4 us of work, many times a task's overhead */
};

typedef void rows_fn(const struct heed_rows_task *task);

struct job {
    heed_rows_args args;
    struct heed_operand operand[OPERANDS];
    const struct heed_isa *isa;
    rows_fn *run;
    size_t task_rows;
};

static bool prepare(struct heed_check *check, struct job *job, const heed_rows_args *args)
{
    heed_rows_args *a = &job->args;

    memset(job, 0, sizeof *job);
    if (!heed_copy_args(check, a, sizeof *a, offsetof(heed_rows_args, parallel), args))
        return false;
    a->x.batch_stride = a->x.head_stride = a->y.batch_stride = a->y.head_stride = 0;
    job->operand[X] = heed_read("x", &a->x, 1, 1, a->rows, a->cols);
    job->operand[Y] = heed_written("y", &a->y, 1, 1, a->rows, a->cols);
    job->operand[X].half = job->operand[Y].half = true;
    job->operand[Y].in_place = true;
    if (!heed_check_operands(check, job->operand, OPERANDS))
        return false;
    job->isa = heed_check_isa(check, a->isa);
    return job->isa != NULL;
}

static void run_task(const void *shared, size_t index, size_t worker)
{
    const struct job *job = shared;
    const size_t row = index * job->task_rows, left = job->args.rows - row;
    const struct heed_rows_task task = {
        .x = heed_address(&job->operand[X], 0, 0, row),
        .y = (void *)(uintptr_t)heed_address(&job->operand[Y], 0, 0, row),
        .x_type = job->operand[X].dtype,
        .y_type = job->operand[Y].dtype,
        .x_row = job->operand[X].stride[2],
        .y_row = job->operand[Y].stride[2],
        .rows = left < job->task_rows ? left : job->task_rows,
        .cols = job->args.cols,
    };

    (void)worker;
    job->run(&task);
}

static heed_status run(struct job *job, rows_fn *kernel)
{
    const size_t rows = job->args.rows, cols = job->args.cols;

    if (!rows || !cols)
        return HEED_OK;
    job->run = kernel;
    job->task_rows = cols < TASK_NUMBERS ? TASK_NUMBERS / cols : 1;
    heed_run(&job->args.parallel, heed_pieces(rows, job->task_rows), run_task, job);
    return HEED_OK;
}

heed_status heed_exp(const heed_rows_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct job job;

    return prepare(&check, &job, args) ? run(&job, job.isa->exp) : check.status;
}

heed_status heed_softmax(const heed_rows_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct job job;

    return prepare(&check, &job, args) ? run(&job, job.isa->softmax) : check.status;
}

heed_status heed_normalize(const heed_rows_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct job job;

    return prepare(&check, &job, args) ? run(&job, job.isa->normalize) : check.status;
}

heed_status heed_rows_check(const heed_rows_args *args, char *reason, size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    struct job job;

    prepare(&check, &job, args);
    return check.status;
}
