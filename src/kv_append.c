/* SPDX-License-Identifier: MIT */
/* kv_append.c - heed_kv_append() and heed_kv_truncate(): the rows of a cache. */
#include <string.h>

#include "kv.h"
#include "parallel.h"

struct job {
    heed_kv_append_args args;
    struct heed_operand k, v;
    struct heed_packed_header packed;
    char *panels, *values;      /* packed K; row 0 of V */
    float *k_scales, *v_scales; /* of row 0, where they are of 8 bits */
    size_t *lengths;
};

static bool check_room(struct heed_check *check, struct job *job)
{
    heed_kv_append_args *a = &job->args;
    const size_t batch = a->kv->batch, capacity = a->kv->capacity;

    if (a->first_batch > batch || a->batch > batch - a->first_batch)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "first_batch + batch is past the %zu entries of kv", batch);
    if (!a->batch)
        a->batch = batch - a->first_batch;
    for (size_t b = a->first_batch; b < a->first_batch + a->batch; b++)
        if (a->rows > capacity - job->lengths[b])
            return heed_refuse(check, HEED_CACHE_FULL,
                               "rows is %zu, entry %zu of kv has %zu of %zu rows", a->rows, b,
                               job->lengths[b], capacity);
    return true;
}

static bool prepare(struct heed_check *check, struct job *job, const heed_kv_append_args *args)
{
    heed_kv_append_args *a = &job->args;

    memset(job, 0, sizeof *job);
    if (!heed_copy_args(check, a, sizeof *a, offsetof(heed_kv_append_args, parallel), args) ||
        !heed_kv_check(check, a->kv))
        return false;

    const struct heed_kv_layout at = heed_kv_layout(a->kv);
    job->panels = (char *)a->kv + at.k;
    job->values = (char *)a->kv + at.v;
    job->k_scales = (float *)(void *)((char *)a->kv + at.k_scales);
    job->v_scales = (float *)(void *)((char *)a->kv + at.v_scales);
    job->lengths = heed_kv_lengths(a->kv);
    memcpy(&job->packed, job->panels, sizeof job->packed);
    if (!check_room(check, job))
        return false;

    const heed_output all = {.data = a->kv};
    struct heed_operand operands[] = {
        heed_read("k", &a->k, a->batch, a->kv->kv_heads, a->rows, a->kv->qk_dim),
        heed_read("v", &a->v, a->batch, a->kv->kv_heads, a->rows, a->kv->v_dim),
        heed_written("kv", &all, 1, 1, 1, at.bytes / sizeof(float))};

    operands[0].half = operands[1].half = true;
    if (!heed_check_operands(check, operands, sizeof operands / sizeof *operands))
        return false;
    job->k = operands[0];
    job->v = operands[1];
    return true;
}

/* The first of the new rows of an entry and KV head, counted among those of all. */
static size_t first_row(const struct job *job, size_t entry, size_t head)
{
    const struct heed_kv *kv = job->args.kv;

    return (entry * kv->kv_heads + head) * kv->capacity + job->lengths[entry];
}

static void append_keys(const struct job *job, size_t b, size_t head)
{
    const struct heed_kv *kv = job->args.kv;
    const size_t entry = job->args.first_batch + b;
    const struct heed_pack_task keys = {
        .k = heed_address(&job->k, b, head, 0),
        .k_type = job->k.dtype,
        .k_row = job->k.stride[2],
        .first_row = job->lengths[entry],
        .rows = job->args.rows,
        .qk_dim = kv->qk_dim,
        .panels = heed_packed_panels(job->panels, &job->packed, entry, head),
        .panels_type = (heed_dtype)kv->k_dtype,
        .scales = job->k_scales + first_row(job, entry, head),
    };

    kv->isa->pack(&keys);
}

static void append_values(const struct job *job, size_t b, size_t head)
{
    const struct heed_kv *kv = job->args.kv;
    const size_t row = first_row(job, job->args.first_batch + b, head);
    const heed_dtype type = (heed_dtype)kv->v_dtype;
    const void *x = heed_address(&job->v, b, head, 0);
    char *const y = job->values + row * kv->v_dim * heed_size(type);
    const ptrdiff_t y_row = (ptrdiff_t)kv->v_dim;

    if (heed_is_byte(type))
        kv->isa->quantize(&(struct heed_quantize_task){x, y, job->v_scales + row, job->v.dtype,
                                                       type, job->v.stride[2], y_row, 1,
                                                       job->args.rows, kv->v_dim});
    else
        kv->isa->convert(&(struct heed_rows_task){x, y, job->v.dtype, type, job->v.stride[2], y_row,
                                                  job->args.rows, kv->v_dim});
}

/*
 * Whether rows leave anything in memory.  If not, they may be more than there is time to
 * count; rows without numbers have a scale all the same.
 */
static bool is_kept(size_t dim, int32_t type)
{
    return dim || heed_is_byte((heed_dtype)type);
}

/* The rows of one entry and KV head. */
static void run_task(const void *shared, size_t index, size_t worker)
{
    const struct job *job = shared;
    const struct heed_kv *kv = job->args.kv;
    const size_t b = index / kv->kv_heads, head = index % kv->kv_heads;

    (void)worker;
    if (is_kept(kv->qk_dim, kv->k_dtype))
        append_keys(job, b, head);
    if (is_kept(kv->v_dim, kv->v_dtype))
        append_values(job, b, head);
}

heed_status heed_kv_append(const heed_kv_append_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct job job;

    if (!prepare(&check, &job, args))
        return check.status;

    const heed_kv_append_args *a = &job.args;
    const struct heed_kv *kv = a->kv;
    if (a->rows && (is_kept(kv->qk_dim, kv->k_dtype) || is_kept(kv->v_dim, kv->v_dtype)))
        heed_run(&a->parallel, a->batch * kv->kv_heads, run_task, &job);
    for (size_t b = 0; b < a->batch; b++)
        job.lengths[a->first_batch + b] += a->rows;
    return HEED_OK;
}

heed_status heed_kv_append_check(const heed_kv_append_args *args, char *reason, size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    struct job job;

    prepare(&check, &job, args);
    return check.status;
}

heed_status heed_kv_truncate(heed_kv *kv, size_t batch, size_t length)
{
    struct heed_check check = heed_check_begin(NULL, 0);

    if (!heed_kv_check(&check, kv) || batch >= kv->batch || length > heed_kv_lengths(kv)[batch])
        return HEED_INVALID_ARGUMENT;
    heed_kv_lengths(kv)[batch] = length;
    return HEED_OK;
}
