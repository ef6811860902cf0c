/* SPDX-License-Identifier: MIT */
/* kv_append.c - heed_kv_append(): rows into an image, and then the lengths that count them. */
#include <string.h>

#include "kv.h"
#include "parallel.h"

struct job {
    heed_kv_append_args args;
    struct heed_operand k, v;
    struct heed_packed_header packed;
    char *panels, *values;      /* packed K; row 0 of V */
    float *k_scales, *v_scales; /* of row 0, where they are of 8 bits */
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
    for (size_t b = a->first_batch; b < a->first_batch + a->batch; b++) {
        const size_t length = heed_kv_load_length(a->kv, b);

        if (length > capacity || a->rows > capacity - length)
            return heed_refuse(check, HEED_CACHE_FULL,
                               "rows is %zu, entry %zu of kv has %zu of %zu rows", a->rows, b,
                               length, capacity);
    }
    return true;
}

static bool prepare(struct heed_check *check, struct job *job, const heed_kv_append_args *args)
{
    heed_kv_append_args *a = &job->args;

    memset(job, 0, sizeof *job);
    if (!heed_copy_args(check, a, sizeof *a, offsetof(heed_kv_append_args, parallel), args) ||
        !heed_kv_check_writable(check, a->kv))
        return false;

    const struct heed_kv_layout at = heed_kv_layout(a->kv);
    job->panels = heed_kv_at(a->kv, at.k);
    job->values = heed_kv_at(a->kv, at.v);
    job->k_scales = heed_kv_at(a->kv, at.k_scales);
    job->v_scales = heed_kv_at(a->kv, at.v_scales);
    job->packed = heed_kv_packed_header(a->kv);
    if (!check_room(check, job))
        return false;

    const heed_output all = {.data = a->kv->memory};
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

/*
 * The first of the new rows of an entry.  The length was checked; should another process have
 * overwritten it since, rows still stay inside the image.
 */
static size_t first_row(const struct job *job, size_t entry)
{
    const size_t length = heed_kv_load_length(job->args.kv, entry);
    const size_t last = job->args.kv->capacity - job->args.rows;

    return length < last ? length : last;
}

/* The same of a KV head, counted among the rows of all. */
static size_t first_place(const struct job *job, size_t entry, size_t head)
{
    const struct heed_kv *kv = job->args.kv;

    return (entry * kv->kv_heads + head) * kv->capacity + first_row(job, entry);
}

static void append_keys(const struct job *job, size_t b, size_t head)
{
    const struct heed_kv *kv = job->args.kv;
    const size_t entry = job->args.first_batch + b;
    const struct heed_pack_task keys = {
        .k = heed_address(&job->k, b, head, 0),
        .k_type = job->k.dtype,
        .k_row = job->k.stride[2],
        .first_row = first_row(job, entry),
        .rows = job->args.rows,
        .qk_dim = kv->qk_dim,
        .panels = heed_packed_panels(job->panels, &job->packed, entry, head),
        .panels_type = kv->k_dtype,
        .scales = heed_is_byte(kv->k_dtype) ? job->k_scales + first_place(job, entry, head) : NULL,
    };

    kv->isa->pack(&keys);
}

static void append_values(const struct job *job, size_t b, size_t head)
{
    const struct heed_kv *kv = job->args.kv;
    const size_t row = first_place(job, job->args.first_batch + b, head);
    const heed_dtype type = kv->v_dtype;
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

/* The rows of one entry and KV head. */
static void run_task(const void *shared, size_t index, size_t worker)
{
    const struct job *job = shared;
    const struct heed_kv *kv = job->args.kv;
    const size_t b = index / kv->kv_heads, head = index % kv->kv_heads;

    (void)worker;
    if (heed_kv_keeps(kv->qk_dim, kv->k_dtype))
        append_keys(job, b, head);
    if (heed_kv_keeps(kv->v_dim, kv->v_dtype))
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
    if (a->rows && heed_kv_keeps_any(kv))
        heed_run(&a->parallel, a->batch * kv->kv_heads, run_task, &job);
    for (size_t b = a->first_batch; b < a->first_batch + a->batch; b++)
        heed_kv_store_length(kv, b, first_row(&job, b) + a->rows);
    return HEED_OK;
}

heed_status heed_kv_append_check(const heed_kv_append_args *args, char *reason, size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    struct job job;

    prepare(&check, &job, args);
    return check.status;
}
