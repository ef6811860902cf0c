/* SPDX-License-Identifier: MIT */
/* kv_append.c - heed_kv_append() and heed_kv_truncate(): the rows of a cache. */
#include <string.h>

#include "kv.h"
#include "parallel.h"

struct job {
    heed_kv_append_args args;
    struct heed_operand k, v;
    struct heed_packed_header packed;
    char *panels, *values; /* packed K; row 0 of V */
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

/* The rows of one entry and KV head. */
static void run_task(const void *shared, size_t index, size_t worker)
{
    const struct job *job = shared;
    const heed_kv_append_args *a = &job->args;
    const struct heed_kv *kv = a->kv;
    const size_t b = index / kv->kv_heads, head = index % kv->kv_heads;
    const size_t entry = a->first_batch + b, first = job->lengths[entry];
    const struct heed_pack_task keys = {
        .k = heed_address(&job->k, b, head, 0),
        .k_type = job->k.dtype,
        .k_row = job->k.stride[2],
        .first_row = first,
        .rows = a->rows,
        .qk_dim = kv->qk_dim,
        .panels = heed_packed_panels(job->panels, &job->packed, entry, head),
        .panels_type = (heed_dtype)kv->k_dtype,
    };
    const size_t row = (entry * kv->kv_heads + head) * kv->capacity + first;
    const struct heed_rows_task values = {
        .x = heed_address(&job->v, b, head, 0),
        .y = job->values + row * kv->v_dim * heed_size((heed_dtype)kv->v_dtype),
        .x_type = job->v.dtype,
        .y_type = (heed_dtype)kv->v_dtype,
        .x_row = job->v.stride[2],
        .y_row = (ptrdiff_t)kv->v_dim,
        .rows = a->rows,
        .cols = kv->v_dim,
    };

    (void)worker;
    if (kv->qk_dim) /* rows without numbers may be more than there is time to count */
        kv->isa->pack(&keys);
    if (kv->v_dim)
        kv->isa->convert(&values);
}

heed_status heed_kv_append(const heed_kv_append_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct job job;

    if (!prepare(&check, &job, args))
        return check.status;

    const heed_kv_append_args *a = &job.args;
    if (a->rows && (a->kv->qk_dim || a->kv->v_dim))
        heed_run(&a->parallel, a->batch * a->kv->kv_heads, run_task, &job);
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
