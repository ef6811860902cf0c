/* SPDX-License-Identifier: MIT */
/* weighted_sum.c - heed_weighted_sum(): values summed by the weights of each row. */
#include <string.h>

#include "weigh.h"

enum { W, V, O, OPERANDS };

struct job {
    heed_weighted_sum_args args;
    struct heed_operand operand[OPERANDS];
    const struct heed_isa *isa;
};

static bool prepare(struct heed_check *check, struct job *job, const heed_weighted_sum_args *args)
{
    heed_weighted_sum_args *a = &job->args;

    memset(job, 0, sizeof *job);
    if (!heed_copy_args(check, a, sizeof *a, offsetof(heed_weighted_sum_args, parallel), args) ||
        !heed_check_heads(check, a->q_heads, a->kv_heads))
        return false;
    job->operand[W] = heed_read("w", &a->w, a->batch, a->q_heads, a->q_rows, a->kv_rows);
    job->operand[V] = heed_read("v", &a->v, a->batch, a->kv_heads, a->kv_rows, a->v_dim);
    job->operand[O] = heed_written("o", &a->o, a->batch, a->q_heads, a->q_rows, a->v_dim);
    for (int i = 0; i < OPERANDS; i++)
        job->operand[i].half = true;
    if (!heed_check_operands(check, job->operand, OPERANDS))
        return false;
    job->isa = heed_check_isa(check, a->isa);
    return job->isa != NULL;
}

heed_status heed_weighted_sum(const heed_weighted_sum_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct job job;

    if (!prepare(&check, &job, args))
        return check.status;

    const struct heed_weigh weigh = {
        .w = &job.operand[W],
        .v = &job.operand[V],
        .o = &job.operand[O],
        .isa = job.isa,
        .group = job.args.kv_heads ? job.args.q_heads / job.args.kv_heads : 1,
    };
    heed_weigh(&weigh, &job.args.parallel);
    return HEED_OK;
}

heed_status heed_weighted_sum_check(const heed_weighted_sum_args *args, char *reason,
                                    size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    struct job job;

    prepare(&check, &job, args);
    return check.status;
}
