/* SPDX-License-Identifier: MIT */
/* merge.c - heed_merge(): attention over all keys from attention over disjoint sets of them. */
#include <string.h>

#include "args.h"
#include "float_state.h"
#include "memory.h"

enum { O, LSE, OUTPUTS, FEW_PARTS = 16 /* merged without allocation */ };

struct job {
    heed_merge_args args;
    struct heed_operand out[OUTPUTS];
    const struct heed_isa *isa;
};

/* Operands of part p: o and lse. */
static void part_operands(const heed_merge_args *a, size_t p, struct heed_operand part[OUTPUTS])
{
    part[O] = heed_read("parts[].o", &a->parts[p].o, a->batch, a->heads, a->rows, a->v_dim);
    part[LSE] = heed_read("parts[].lse", &a->parts[p].lse, a->batch, a->heads, a->rows, 1);
    part[O].half = true;
}

/* Checks part p, and the outputs against it, and leaves it resolved. */
static bool check_part(struct heed_check *check, struct job *job, size_t p,
                       struct heed_operand part[OUTPUTS])
{
    struct heed_operand all[2 * OUTPUTS];

    part_operands(&job->args, p, all);
    memcpy(all + OUTPUTS, job->out, sizeof job->out);
    if (!heed_check_operands(check, all, 2 * OUTPUTS))
        return false;
    memcpy(part, all, OUTPUTS * sizeof *part);
    return true;
}

static bool prepare(struct heed_check *check, struct job *job, const heed_merge_args *args)
{
    heed_merge_args *a = &job->args;
    struct heed_operand part[OUTPUTS];

    memset(job, 0, sizeof *job);
    if (!heed_copy_args(check, a, sizeof *a, offsetof(heed_merge_args, lse), args))
        return false;
    if (a->part_count && !a->parts)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "parts is NULL");
    if (a->part_count > SIZE_MAX / sizeof(struct heed_operand) / OUTPUTS)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "part_count is too large");
    job->out[O] = heed_written("o", &a->o, a->batch, a->heads, a->rows, a->v_dim);
    job->out[LSE] = heed_written("lse", &a->lse, a->batch, a->heads, a->rows, 1);
    job->out[O].half = job->out[LSE].optional = true;
    if (!heed_check_operands(check, job->out, OUTPUTS))
        return false;
    for (size_t p = 0; p < a->part_count; p++)
        if (!check_part(check, job, p, part))
            return false;
    job->isa = heed_check_isa(check, a->isa);
    return job->isa != NULL;
}

/* Memory for the parts, and for one row of each. */
struct row_parts {
    struct heed_operand (*part)[OUTPUTS];
    struct heed_merge_part *row;
};

static void merge_row(const struct job *job, const struct row_parts *r, size_t b, size_t h,
                      size_t i)
{
    const heed_merge_args *a = &job->args;

    for (size_t p = 0; p < a->part_count; p++)
        r->row[p] = (struct heed_merge_part){
            .o = heed_address(&r->part[p][O], b, h, i),
            .o_type = r->part[p][O].dtype,
            .lse = *heed_at(&r->part[p][LSE], b, h, i),
        };

    const struct heed_merge_task task = {
        .part = r->row,
        .parts = a->part_count,
        .v_dim = a->v_dim,
        .out = (void *)(uintptr_t)heed_address(&job->out[O], b, h, i),
        .out_type = job->out[O].dtype,
        .out_lse = job->out[LSE].data ? heed_out(&job->out[LSE], b, h, i) : NULL,
    };
    job->isa->merge(&task);
}

static void merge_rows(struct job *job, const struct row_parts *r)
{
    const heed_merge_args *a = &job->args;
    struct heed_check check = heed_check_begin(NULL, 0);
    const struct float_control found = heed_floats_begin();

    for (size_t p = 0; p < a->part_count; p++)
        check_part(&check, job, p, r->part[p]);
    for (size_t b = 0; b < a->batch; b++)
        for (size_t h = 0; h < a->heads; h++)
            for (size_t i = 0; i < a->rows; i++)
                merge_row(job, r, b, h, i);
    heed_floats_end(&found);
}

static heed_status merge_many(struct job *job)
{
    const size_t n = job->args.part_count;
    const struct row_parts r = {heed_alloc(n * sizeof *r.part), heed_alloc(n * sizeof *r.row)};
    const bool enough = r.part && r.row;

    if (enough)
        merge_rows(job, &r);
    free(r.part);
    free(r.row);
    return enough ? HEED_OK : HEED_OUT_OF_MEMORY;
}

heed_status heed_merge(const heed_merge_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct job job;

    if (!prepare(&check, &job, args))
        return check.status;
    if (job.args.part_count > FEW_PARTS)
        return merge_many(&job);

    struct heed_operand part[FEW_PARTS][OUTPUTS];
    struct heed_merge_part row[FEW_PARTS];
    const struct row_parts r = {part, row};

    merge_rows(&job, &r);
    return HEED_OK;
}

heed_status heed_merge_check(const heed_merge_args *args, char *reason, size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    struct job job;

    prepare(&check, &job, args);
    return check.status;
}
