/* SPDX-License-Identifier: MIT */
/* attention.c - heed_attention(): check, plan, memory; tasks.c does the rest. */
#include <string.h>

#include "attention.h"
#include "kernels/compiler.h"
#include "kv.h"
#include "memory.h"
#include "small.h"

enum {
    ON_STACK = 5632 /* bytes of workspace that need no allocation: a call stays under 12 KiB */
};

/* Scales of the rows of k or v, which are of this type. */
static bool check_scales(struct heed_check *check, struct heed_operand *scales, heed_dtype type,
                         const char *of)
{
    if (scales->data && !heed_is_byte(type))
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "%s is set, but %s is neither of HEED_I8 nor of HEED_F8", scales->name,
                           of);
    scales->optional = type != HEED_I8;
    return true;
}

/* The type of the keys: those that were packed say it themselves. */
static heed_dtype key_type(const struct heed_job *job)
{
    return job->args.packed_k ? (heed_dtype)job->packed.dtype : job->args.k.dtype;
}

/* The keys that were packed, where they are given, are as many as the call wants. */
static bool check_packed(struct heed_check *check, struct heed_job *job)
{
    heed_attention_args *a = &job->args;

    if (!a->packed_k)
        return true;
    a->k = (heed_input){0}; /* what the caller left there plans nothing */
    if (!heed_packed_read(check, "packed_k", a->packed_k, a->packed_k_size, job->isa, a->batch,
                          a->kv_heads, a->qk_dim, &job->packed))
        return false;
    if (a->kv_rows > job->packed.rows)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "kv_rows is %zu, packed_k holds %zu rows",
                           a->kv_rows, (size_t)job->packed.rows);
    return true;
}

/* All the memory of packed keys, or of the cache that they are in. */
static struct heed_operand memory_of_keys(const heed_attention_args *a)
{
    const heed_input memory = {.data = a->kv ? a->kv->memory : a->packed_k};
    const size_t bytes = a->kv ? heed_kv_layout(a->kv).bytes : a->packed_k_size;

    return heed_read(a->kv ? "kv" : "packed_k", &memory, 1, 1, 1, bytes / sizeof(float));
}

/* Checks offsets and pages, and makes operands of all views but those of single scores. */
static bool check_layout(struct heed_check *check, struct heed_job *job)
{
    const heed_attention_args *a = &job->args;
    struct heed_extents e;

    if (!heed_check_extents(check, a, &e))
        return false;
    job->operand[HEED_Q] = heed_read("q", &a->q, e.q_batch, a->q_heads, e.q_rows, a->qk_dim);
    job->operand[HEED_K] = heed_read("k", &a->k, e.kv_batch, a->kv_heads, e.kv_rows, a->qk_dim);
    job->operand[HEED_V] =
        heed_read(a->kv ? "kv" : "v", &a->v, e.kv_batch, a->kv_heads, e.kv_rows, a->v_dim);
    job->operand[HEED_O] = heed_written("o", &a->o, e.q_batch, a->q_heads, e.q_rows, a->v_dim);
    job->operand[HEED_LSE] = heed_written("lse", &a->lse, e.q_batch, a->q_heads, e.q_rows, 1);
    job->operand[HEED_LSE].optional = true;
    job->operand[HEED_SCORES] =
        heed_written("scores", &a->scores, e.q_batch, a->q_heads, e.q_rows, a->kv_rows);
    job->operand[HEED_SCORES].optional = true;
    for (int i = HEED_Q; i <= HEED_O; i++)
        job->operand[i].half = true;
    job->operand[HEED_K].byte = job->operand[HEED_V].byte = true;
    if (a->packed_k) /* checked on its own; here only not to be overwritten */
        job->operand[HEED_K] = memory_of_keys(a);
    job->operand[HEED_K_SCALES] =
        heed_read("k_scales", &a->k_scales, e.kv_batch, a->kv_heads, e.kv_rows, 1);
    job->operand[HEED_V_SCALES] =
        heed_read("v_scales", &a->v_scales, e.kv_batch, a->kv_heads, e.kv_rows, 1);
    return check_scales(check, &job->operand[HEED_K_SCALES], key_type(job),
                        job->operand[HEED_K].name) &&
           check_scales(check, &job->operand[HEED_V_SCALES], a->v.dtype, job->operand[HEED_V].name);
}

/* What a matrix unit may multiply. */
static struct heed_parts parts_of(const struct heed_job *job)
{
    const heed_attention_args *a = &job->args;
    const struct heed_parts parts =
        heed_parts_for(a->q.dtype, key_type(job), a->v.dtype, a->precision);

    if (heed_unit_takes(job->isa->unit_worth, a->q.dtype, key_type(job), a->v.dtype,
                        a->precision) &&
        heed_unit_scales(a->scale, &parts))
        return parts;
    return (struct heed_parts){0};
}

/* Fills the job; false with the reason in `check`. */
static bool prepare(struct heed_check *check, struct heed_job *job, const heed_attention_args *args)
{
    heed_attention_args *a = &job->args;

    /* What is not filled in here is not looked at: to clear it all took a tenth of a short call. */
    if (!heed_copy_args(check, a, sizeof *a, offsetof(heed_attention_args, lse), args) ||
        !heed_kv_take(check, a) || !heed_check_heads(check, a->q_heads, a->kv_heads))
        return false;
    if ((unsigned)a->precision > HEED_PRECISION_SPLIT)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "precision is %d", (int)a->precision);
    job->isa = heed_check_isa(check, a->isa);
    if (!job->isa || !check_packed(check, job) || !check_layout(check, job) ||
        !heed_check_sight(check, a) || !heed_check_scale(check, a->scale) ||
        !heed_check_lengths(check, a) || !heed_check_page_numbers(check, a) ||
        !heed_check_operands(check, job->operand, HEED_OPERANDS) ||
        !heed_check_rules(check, a, job->operand, HEED_OPERANDS, &job->rules))
        return false;
    job->has_rules = heed_has_rules(&job->rules);
    job->parts = parts_of(job);
    heed_plan_attention(a, &job->parts, job->has_rules, &job->plan);
    if (job->plan.workspace == SIZE_MAX)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "q_rows x v_dim is too large to compute");
    return heed_check_workspace(check, a->workspace, a->workspace_size, job->plan.workspace,
                                job->operand, HEED_OPERANDS);
}

static heed_status run(void *job, char *workspace)
{
    heed_job_run(job, workspace);
    return HEED_OK;
}

/* In a frame that other calls do not have.  Matrix units always need more than that. */
APART heed_status run_on_stack(struct heed_job *job)
{
    char workspace[ON_STACK];

    return run(job, workspace);
}

static heed_status attend(const heed_attention_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct heed_job job;

    if (!prepare(&check, &job, args))
        return check.status;
    if (job.args.workspace)
        return run(&job, job.args.workspace);
    if (job.plan.workspace <= ON_STACK && !job.args.scores.data) /* whose pass is deeper */
        return run_on_stack(&job);
    return heed_run_on_heap(job.plan.workspace, run, &job);
}

heed_status heed_attention(const heed_attention_args *args)
{
    return heed_attend_small(args) ? HEED_OK : attend(args);
}

heed_status heed_attention_check(const heed_attention_args *args, char *reason, size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    struct heed_job job;

    prepare(&check, &job, args);
    return check.status;
}

heed_status heed_attention_workspace(const heed_attention_args *args, size_t *bytes)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct heed_job job;

    prepare(&check, &job, args);
    /* A workspace that is too small yet is what this function is asked about. */
    if (check.status == HEED_WORKSPACE_TOO_SMALL)
        check.status = HEED_OK;
    if (!bytes)
        return HEED_INVALID_ARGUMENT;
    if (check.status == HEED_OK)
        *bytes = job.plan.workspace;
    return check.status;
}
