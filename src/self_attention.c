/* SPDX-License-Identifier: MIT */
/*
 * self_attention.c - heed_self_attention(): three projections and attention.
 *
 * The projections stand in the workspace as f32 [batch][row][heads x dim], which
 * attention reads as strided views; then comes the workspace of attention itself.
 */
#include <string.h>

#include "args.h"
#include "memory.h"
#include "scratch.h"

enum { Q, K, V, PROJECTIONS };

struct job {
    heed_self_attention_args args;
    heed_linear_args linear[PROJECTIONS];
    heed_attention_args attention;
    size_t size[PROJECTIONS]; /* bytes of each projection */
    size_t attention_size;    /* bytes of attention's own workspace */
    size_t workspace;         /* bytes in all, with room for alignment */
};

static heed_linear_args projection(const heed_self_attention_args *a, const heed_input *w,
                                   const heed_input *b, size_t out_dim)
{
    return (heed_linear_args){
        HEED_SIZED(heed_linear_args), .batch = a->batch, .rows = a->rows, .in_dim = a->model_dim,
        .out_dim = out_dim,           .x = a->x,         .w = *w,         .b = *b,
        .parallel = a->parallel,      .isa = a->isa,
    };
}

/* Heads side by side in the columns of a projection. */
static heed_input heads_of(const heed_linear_args *linear, size_t dim)
{
    return (heed_input){
        .batch_stride = (ptrdiff_t)(linear->rows * linear->out_dim),
        .head_stride = (ptrdiff_t)dim,
        .row_stride = (ptrdiff_t)linear->out_dim,
    };
}

static heed_output context_of(const heed_self_attention_args *a)
{
    heed_output o = a->o;

    if (!o.strided && !o.batch_stride && !o.head_stride && !o.row_stride) {
        o.row_stride = (ptrdiff_t)(a->q_heads * a->v_dim);
        o.batch_stride = (ptrdiff_t)(a->rows * (size_t)o.row_stride); /* checked later */
        o.head_stride = (ptrdiff_t)a->v_dim;
    }
    return o;
}

/* Attention of the projections; where they and its workspace stand is left to place(). */
static heed_attention_args attention_of(const struct job *job)
{
    const heed_self_attention_args *a = &job->args;

    return (heed_attention_args){
        HEED_SIZED(heed_attention_args),
        .batch = a->batch,
        .q_heads = a->q_heads,
        .kv_heads = a->kv_heads,
        .q_rows = a->rows,
        .kv_rows = a->rows,
        .qk_dim = a->qk_dim,
        .v_dim = a->v_dim,
        .q = heads_of(&job->linear[Q], a->qk_dim),
        .k = heads_of(&job->linear[K], a->qk_dim),
        .v = heads_of(&job->linear[V], a->v_dim),
        .o = context_of(a),
        .scale = a->scale,
        .mask = a->mask,
        .parallel = a->parallel,
        .isa = a->isa,
    };
}

static void place(struct job *job, char *workspace)
{
    heed_input *const read[PROJECTIONS] = {&job->attention.q, &job->attention.k, &job->attention.v};
    char *at = workspace + (64 - (uintptr_t)workspace % 64) % 64;

    for (int i = 0; i < PROJECTIONS; i++) {
        job->linear[i].y.data = at;
        read[i]->data = at;
        at += job->size[i];
    }
    job->attention.workspace = at;
    job->attention.workspace_size = job->attention_size;
}

/*
 * The caller's views, checked together: names, sizes, and the output against all of them; and a
 * workspace of which so many bytes are used, 0 where that is not known yet.
 */
static bool check_views(struct heed_check *check, const heed_self_attention_args *a,
                        size_t workspace)
{
    const heed_output o = context_of(a);
    const size_t q_cols = heed_mul(a->q_heads, a->qk_dim),
                 k_cols = heed_mul(a->kv_heads, a->qk_dim);
    const size_t v_cols = heed_mul(a->kv_heads, a->v_dim);
    struct heed_operand all[] = {
        heed_read("x", &a->x, a->batch, 1, a->rows, a->model_dim),
        heed_read("wq", &a->wq, 1, 1, a->model_dim, q_cols),
        heed_read("wk", &a->wk, 1, 1, a->model_dim, k_cols),
        heed_read("wv", &a->wv, 1, 1, a->model_dim, v_cols),
        heed_read("bq", &a->bq, 1, 1, 1, q_cols),
        heed_read("bk", &a->bk, 1, 1, 1, k_cols),
        heed_read("bv", &a->bv, 1, 1, 1, v_cols),
        heed_written("o", &o, a->batch, a->q_heads, a->rows, a->v_dim),
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        all[i].half = true;
        all[i].optional = i >= 4 && i < 7;
    }
    return heed_check_operands(check, all, sizeof all / sizeof all[0]) &&
           (!workspace || heed_check_workspace(check, a->workspace, a->workspace_size, workspace,
                                               all, sizeof all / sizeof all[0]));
}

/* Bytes, rounded up so that what follows starts on a cache line. */
static size_t projection_size(const heed_linear_args *linear)
{
    const size_t n = heed_mul(heed_mul(linear->batch, linear->rows), linear->out_dim);

    return n > PTRDIFF_MAX / 8 ? SIZE_MAX : heed_pad(n * sizeof(float), 64);
}

static bool plan(struct heed_check *check, struct job *job)
{
    const heed_self_attention_args *a = &job->args;
    /* Stands for the projections, which have no memory yet. */
    static const float somewhere = 0.0f;
    heed_attention_args *attention = &job->attention;

    job->linear[Q] = projection(a, &a->wq, &a->bq, a->q_heads * a->qk_dim);
    job->linear[K] = projection(a, &a->wk, &a->bk, a->kv_heads * a->qk_dim);
    job->linear[V] = projection(a, &a->wv, &a->bv, a->kv_heads * a->v_dim);
    job->workspace = 64;
    for (int i = 0; i < PROJECTIONS; i++) {
        job->size[i] = projection_size(&job->linear[i]);
        job->workspace = heed_add(job->workspace, job->size[i]);
    }
    if (job->workspace == SIZE_MAX)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "the projections are too large to address");
    *attention = attention_of(job);
    attention->q.data = attention->k.data = attention->v.data = &somewhere;
    check->status = heed_attention_workspace(attention, &job->attention_size);
    if (check->status != HEED_OK) {
        const heed_status status = check->status;

        check->status = HEED_OK;
        return heed_refuse(check, status, "attention of the projections is refused");
    }
    job->workspace = heed_add(job->workspace, job->attention_size);
    return true;
}

/* Those that heed_linear() does not take, which say nothing about whether rows are dense. */
static void drop_strides(heed_self_attention_args *a)
{
    heed_input *const weights[] = {&a->wq, &a->wk, &a->wv};

    a->x.head_stride = 0;
    for (int i = 0; i < PROJECTIONS; i++)
        weights[i]->batch_stride = weights[i]->head_stride = 0;
}

static bool prepare(struct heed_check *check, struct job *job, const heed_self_attention_args *args)
{
    heed_self_attention_args *a = &job->args;

    memset(job, 0, sizeof *job);
    if (!heed_copy_args(check, a, sizeof *a, offsetof(heed_self_attention_args, scale), args) ||
        !heed_check_heads(check, a->q_heads, a->kv_heads))
        return false;
    drop_strides(a);
    if (a->mask != HEED_MASK_NONE && a->mask != HEED_MASK_CAUSAL)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "mask is %d, neither HEED_MASK_NONE nor HEED_MASK_CAUSAL", (int)a->mask);
    if (!heed_within(a->scale, 1e38f))
        return heed_refuse_number(check, "scale", a->scale);
    return check_views(check, a, 0) && heed_check_isa(check, a->isa) && plan(check, job) &&
           (!a->workspace || check_views(check, a, job->workspace));
}

static heed_status run(void *shared, char *workspace)
{
    struct job *job = shared;

    place(job, workspace);
    for (int i = 0; i < PROJECTIONS; i++) {
        const heed_status status = heed_linear(&job->linear[i]);

        if (status != HEED_OK)
            return status;
    }
    return heed_attention(&job->attention);
}

heed_status heed_self_attention(const heed_self_attention_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct job job;

    if (!prepare(&check, &job, args))
        return check.status;
    if (job.args.workspace)
        return run(&job, job.args.workspace);
    return heed_run_on_heap(job.workspace, run, &job);
}

heed_status heed_self_attention_check(const heed_self_attention_args *args, char *reason,
                                      size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    struct job job;

    prepare(&check, &job, args);
    return check.status;
}

heed_status heed_self_attention_workspace(const heed_self_attention_args *args, size_t *bytes)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct job job;

    prepare(&check, &job, args);
    if (check.status == HEED_WORKSPACE_TOO_SMALL)
        check.status = HEED_OK;
    if (!bytes)
        return HEED_INVALID_ARGUMENT;
    if (check.status == HEED_OK)
        *bytes = job.workspace;
    return check.status;
}
