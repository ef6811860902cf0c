/* SPDX-License-Identifier: MIT */
/* linear.c - heed_linear(): y = x w + b, a weighted sum of the rows of w. */
#include <string.h>

#include "weigh.h"

enum { X, W, B, Y, OPERANDS };

struct job {
    heed_linear_args args;
    struct heed_operand operand[OPERANDS];
    const struct heed_isa *isa;
};

static bool prepare(struct heed_check *check, struct job *job, const heed_linear_args *args)
{
    heed_linear_args *a = &job->args;

    memset(job, 0, sizeof *job);
    if (!heed_copy_args(check, a, sizeof *a, offsetof(heed_linear_args, parallel), args))
        return false;
    a->x.head_stride = a->y.head_stride = 0;
    a->w.batch_stride = a->w.head_stride = 0;
    job->operand[X] = heed_read("x", &a->x, a->batch, 1, a->rows, a->in_dim);
    job->operand[W] = heed_read("w", &a->w, 1, 1, a->in_dim, a->out_dim);
    job->operand[B] = heed_read("b", &a->b, 1, 1, 1, a->out_dim);
    job->operand[B].optional = true;
    job->operand[Y] = heed_written("y", &a->y, a->batch, 1, a->rows, a->out_dim);
    for (int i = 0; i < OPERANDS; i++)
        job->operand[i].half = true;
    if (!heed_check_operands(check, job->operand, OPERANDS))
        return false;
    job->operand[W].stride[0] = 0; /* one w for the whole batch */
    job->isa = heed_check_isa(check, a->isa);
    return job->isa != NULL;
}

heed_status heed_linear(const heed_linear_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct job job;

    if (!prepare(&check, &job, args))
        return check.status;

    const struct heed_weigh weigh = {
        .w = &job.operand[X],
        .v = &job.operand[W],
        .b = &job.operand[B],
        .o = &job.operand[Y],
        .isa = job.isa,
        .group = 1,
    };
    heed_weigh(&weigh, &job.args.parallel);
    return HEED_OK;
}

heed_status heed_linear_check(const heed_linear_args *args, char *reason, size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    struct job job;

    prepare(&check, &job, args);
    return check.status;
}
