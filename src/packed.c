/* SPDX-License-Identifier: MIT */
/* packed.c - heed_pack_k(): keys arranged for the kernels, kept by the caller. */
#include "packed.h"

#include <string.h>

#include "parallel.h"
#include "scratch.h"

static const char magic[8] = "heed K";
_Static_assert(HEED_PACKED_HEADER == 128, "the header is two cache lines");

struct job {
    heed_pack_k_args args;
    struct heed_operand k;
    const struct heed_isa *isa;
    struct heed_packed_header header;
};

size_t heed_packed_bytes(heed_dtype dtype, size_t batch, size_t kv_heads, size_t qk_dim,
                         size_t capacity)
{
    if (capacity > SIZE_MAX - HEED_BLOCK)
        return SIZE_MAX;

    const size_t head = heed_mul(heed_pad(capacity, HEED_BLOCK), qk_dim);
    const size_t numbers = heed_mul(heed_mul(batch, kv_heads), head);

    return heed_add(heed_mul(numbers, heed_size(dtype)), HEED_PACKED_HEADER);
}

ptrdiff_t heed_packed_head(const struct heed_packed_header *header)
{
    return (ptrdiff_t)(heed_pad((size_t)header->capacity, HEED_BLOCK) * (size_t)header->qk_dim);
}

void *heed_packed_panels(const void *packed, const struct heed_packed_header *header, size_t batch,
                         size_t kv_head)
{
    const size_t head = batch * (size_t)header->kv_heads + kv_head;
    const uintptr_t panels = (uintptr_t)packed + HEED_PACKED_HEADER;

    return (char *)panels +
           head * (size_t)heed_packed_head(header) * heed_size((heed_dtype)header->dtype);
}

bool heed_packed_read(struct heed_check *check, const char *what, const void *packed, size_t size,
                      const struct heed_isa *isa, size_t batch, size_t kv_heads, size_t qk_dim,
                      struct heed_packed_header *h)
{
    if ((uintptr_t)packed % sizeof(float))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s is not aligned to 4 bytes", what);
    if (size < HEED_PACKED_HEADER)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s_size is %zu: no packed K", what, size);
    memcpy(h, packed, sizeof *h);
    if (memcmp(h->magic, magic, sizeof magic) || h->version != HEED_VERSION ||
        !heed_is_kept((heed_dtype)h->dtype))
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "%s was not packed by this library (version %s)", what,
                           heed_version_string());
    if (h->panel_keys != isa->panel_keys)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "%s has panels of %zu keys, those of %s have %zu", what,
                           (size_t)h->panel_keys, isa->name, isa->panel_keys);
    if (h->batch != batch || h->kv_heads != kv_heads || h->qk_dim != qk_dim)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "%s was packed for another batch, kv_heads or qk_dim", what);
    if (h->capacity > SIZE_MAX || h->rows > h->capacity ||
        size <
            heed_packed_bytes((heed_dtype)h->dtype, batch, kv_heads, qk_dim, (size_t)h->capacity))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s_size is %zu, less than was packed",
                           what, size);
    return true;
}

struct heed_packed_header heed_packed_header(heed_dtype dtype, size_t batch, size_t kv_heads,
                                             size_t qk_dim, size_t capacity,
                                             const struct heed_isa *isa)
{
    struct heed_packed_header h = {
        .version = HEED_VERSION,
        .dtype = (int32_t)dtype,
        .panel_keys = isa->panel_keys,
        .batch = batch,
        .kv_heads = kv_heads,
        .qk_dim = qk_dim,
        .capacity = capacity,
    };

    memcpy(h.magic, magic, sizeof magic);
    return h;
}

/* What must be there already when rows are appended. */
static bool check_begun(struct heed_check *check, struct job *job)
{
    const heed_pack_k_args *a = &job->args;

    if (!heed_packed_read(check, "packed", a->packed, a->packed_size, job->isa, a->batch,
                          a->kv_heads, a->qk_dim, &job->header))
        return false;
    if (job->header.dtype != (int32_t)a->packed_dtype)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "packed_dtype is %d, packed was begun with %d", (int)a->packed_dtype,
                           (int)job->header.dtype);
    if (job->header.capacity != a->capacity || job->header.rows < a->first_row)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "packed has %zu rows of %zu, which first_row and capacity do not fit",
                           (size_t)job->header.rows, (size_t)job->header.capacity);
    return true;
}

/* Rows of 8 bits stay what they are, since their scales stand elsewhere. */
static bool check_types(struct heed_check *check, const heed_pack_k_args *a)
{
    if (!heed_is_kept(a->packed_dtype))
        return heed_refuse(
            check, HEED_UNSUPPORTED_TYPE,
            "packed_dtype is %d, not HEED_F32, HEED_F16, HEED_BF16, HEED_I8 or HEED_F8",
            (int)a->packed_dtype);
    if (a->k.dtype != a->packed_dtype &&
        (heed_is_byte(a->k.dtype) || heed_is_byte(a->packed_dtype)))
        return heed_refuse(check, HEED_UNSUPPORTED_TYPE,
                           "k.dtype is %d, packed_dtype %d: those of 8 bits must be the same",
                           (int)a->k.dtype, (int)a->packed_dtype);
    return true;
}

static bool check_packed(struct heed_check *check, struct job *job)
{
    const heed_pack_k_args *a = &job->args;

    const size_t bytes =
        heed_packed_bytes(a->packed_dtype, a->batch, a->kv_heads, a->qk_dim, a->capacity);
    const heed_output memory = {.data = a->packed};
    struct heed_operand both[] = {job->k,
                                  heed_written("packed", &memory, 1, 1, 1, bytes / sizeof(float))};

    if (bytes > PTRDIFF_MAX)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "capacity is too large to address");
    if (!heed_check_operands(check, both, 2))
        return false;
    job->k = both[0];
    if (a->packed_size < bytes)
        return heed_refuse(check, HEED_WORKSPACE_TOO_SMALL,
                           "packed_size is %zu, %zu bytes are needed", a->packed_size, bytes);
    if (a->first_row > a->capacity || a->rows > a->capacity - a->first_row)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "first_row + rows is past the capacity of %zu rows", a->capacity);
    job->header = heed_packed_header(a->packed_dtype, a->batch, a->kv_heads, a->qk_dim, a->capacity,
                                     job->isa);
    return !a->first_row || check_begun(check, job);
}

static bool prepare(struct heed_check *check, struct job *job, const heed_pack_k_args *args)
{
    heed_pack_k_args *a = &job->args;

    memset(job, 0, sizeof *job);
    if (!heed_copy_args(check, a, sizeof *a, offsetof(heed_pack_k_args, parallel), args))
        return false;
    job->k = heed_read("k", &a->k, a->batch, a->kv_heads, a->rows, a->qk_dim);
    job->k.half = job->k.byte = true;
    job->isa = heed_check_isa(check, a->isa);
    return job->isa && check_types(check, a) && check_packed(check, job);
}

static void run_task(const void *shared, size_t index, size_t worker)
{
    const struct job *job = shared;
    const heed_pack_k_args *a = &job->args;
    const size_t batch = index / a->kv_heads, head = index % a->kv_heads;
    const struct heed_pack_task task = {
        .k = heed_address(&job->k, batch, head, 0),
        .k_type = job->k.dtype,
        .k_row = job->k.stride[2],
        .first_row = a->first_row,
        .rows = a->rows,
        .qk_dim = a->qk_dim,
        .panels = heed_packed_panels(a->packed, &job->header, batch, head),
        .panels_type = a->packed_dtype,
    };

    (void)worker;
    job->isa->pack(&task);
}

heed_status heed_pack_k(const heed_pack_k_args *args)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct job job;

    if (!prepare(&check, &job, args))
        return check.status;
    if (job.args.qk_dim) /* rows without numbers may be more than there is time to count */
        heed_run(&job.args.parallel, job.args.batch * job.args.kv_heads, run_task, &job);
    job.header.rows = job.args.first_row + job.args.rows;
    memcpy(job.args.packed, &job.header, sizeof job.header);
    return HEED_OK;
}

heed_status heed_pack_k_check(const heed_pack_k_args *args, char *reason, size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    struct job job;

    prepare(&check, &job, args);
    return check.status;
}

heed_status heed_pack_k_size(const heed_pack_k_args *args, size_t *bytes)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    heed_pack_k_args a;

    if (!heed_copy_args(&check, &a, sizeof a, offsetof(heed_pack_k_args, first_row), args))
        return check.status;

    if (!heed_is_kept(a.packed_dtype))
        return HEED_UNSUPPORTED_TYPE;

    const size_t size =
        heed_packed_bytes(a.packed_dtype, a.batch, a.kv_heads, a.qk_dim, a.capacity);
    if (!bytes || size > PTRDIFF_MAX)
        return HEED_INVALID_ARGUMENT;
    *bytes = size;
    return HEED_OK;
}
