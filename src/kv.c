/* SPDX-License-Identifier: MIT */
/* kv.c - heed_kv_create() and what a cache says of itself; kv_append.c fills it. */
#include "kv.h"

#include <string.h>

#include "memory.h"
#include "scratch.h"

static const char magic[8] = "heed KV";

static size_t padded(size_t bytes)
{
    return heed_add(bytes, HEED_KV_ALIGNMENT - 1) == SIZE_MAX ? SIZE_MAX
                                                              : heed_pad(bytes, HEED_KV_ALIGNMENT);
}

static size_t packed_bytes(const struct heed_kv *kv)
{
    return heed_packed_bytes((heed_dtype)kv->k_dtype, kv->batch, kv->kv_heads, kv->qk_dim,
                             kv->capacity);
}

struct heed_kv_layout heed_kv_layout(const struct heed_kv *kv)
{
    const size_t rows = heed_mul(heed_mul(kv->batch, kv->kv_heads), kv->capacity);
    const size_t values = heed_mul(heed_mul(rows, kv->v_dim), heed_size((heed_dtype)kv->v_dtype));
    const size_t scales = padded(heed_mul(rows, sizeof(float)));
    struct heed_kv_layout at = {.lengths = padded(sizeof *kv)};

    at.k = heed_add(at.lengths, padded(heed_mul(kv->batch, sizeof(size_t))));
    at.v = heed_add(at.k, padded(packed_bytes(kv)));
    at.k_scales = heed_add(at.v, padded(values));
    at.v_scales = heed_add(at.k_scales, heed_is_byte((heed_dtype)kv->k_dtype) ? scales : 0);
    at.bytes = heed_add(at.v_scales, heed_is_byte((heed_dtype)kv->v_dtype) ? scales : 0);
    return at;
}

bool heed_kv_begun(const struct heed_kv *kv)
{
    return !memcmp(kv->magic, magic, sizeof magic) && kv->version == HEED_VERSION;
}

bool heed_kv_check(struct heed_check *check, const struct heed_kv *kv)
{
    if (!kv)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "kv is NULL");
    if (!heed_kv_begun(kv))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "kv is no cache");
    return true;
}

static bool check_memory(struct heed_check *check, const void *memory, size_t size, size_t bytes)
{
    if ((uintptr_t)memory % HEED_KV_ALIGNMENT)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "memory is not aligned to %d bytes",
                           HEED_KV_ALIGNMENT);
    if (size < bytes)
        return heed_refuse(check, HEED_WORKSPACE_TOO_SMALL,
                           "memory_size is %zu, %zu bytes are needed", size, bytes);
    return true;
}

static bool check_sizes(struct heed_check *check, const struct heed_kv *kv)
{
    const bool k_right = heed_is_kept((heed_dtype)kv->k_dtype);

    if (!k_right || !heed_is_kept((heed_dtype)kv->v_dtype))
        return heed_refuse(check, HEED_UNSUPPORTED_TYPE,
                           "%s is %d, not HEED_F32, HEED_F16, HEED_BF16, HEED_I8 or HEED_F8",
                           k_right ? "v_dtype" : "k_dtype",
                           (int)(k_right ? kv->v_dtype : kv->k_dtype));
    if (heed_kv_layout(kv).bytes > PTRDIFF_MAX)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "capacity is too large to address");
    return true;
}

/* Checks all but the instruction set, and fills the header. */
static bool prepare_sizes(struct heed_check *check, heed_kv_create_args *a, struct heed_kv *kv,
                          const heed_kv_create_args *args)
{
    memset(kv, 0, sizeof *kv);
    if (!heed_copy_args(check, a, sizeof *a, offsetof(heed_kv_create_args, k_dtype), args))
        return false;
    memcpy(kv->magic, magic, sizeof magic);
    kv->version = HEED_VERSION;
    kv->header_size = sizeof *kv;
    kv->k_dtype = (int32_t)a->k_dtype;
    kv->v_dtype = (int32_t)a->v_dtype;
    kv->batch = a->batch;
    kv->kv_heads = a->kv_heads;
    kv->qk_dim = a->qk_dim;
    kv->v_dim = a->v_dim;
    kv->capacity = a->capacity;
    return check_sizes(check, kv);
}

static bool prepare(struct heed_check *check, heed_kv_create_args *a, struct heed_kv *kv,
                    const heed_kv_create_args *args)
{
    if (!prepare_sizes(check, a, kv, args))
        return false;
    if (!a->allocate != !a->release)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s is NULL, its other half is not",
                           a->allocate ? "release" : "allocate");
    if (a->memory && a->allocate)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "memory excludes allocate");
    if (a->memory && !check_memory(check, a->memory, a->memory_size, heed_kv_layout(kv).bytes))
        return false;
    kv->isa = heed_check_isa(check, a->isa);
    if (!kv->isa)
        return false;
    strncpy(kv->isa_name, kv->isa->name, sizeof kv->isa_name - 1);
    return true;
}

static void release_heap(void *context, void *memory)
{
    (void)context;
    free(memory);
}

/* Memory for a cache, found in the header with what releases it; NULL if there is none. */
static void *allocate(const heed_kv_create_args *a, struct heed_kv *kv)
{
    const size_t bytes = heed_kv_layout(kv).bytes + HEED_KV_ALIGNMENT - 1;

    kv->allocation = a->allocate ? a->allocate(a->context, bytes) : heed_alloc(bytes);
    kv->release = a->release ? a->release : release_heap;
    kv->context = a->context;
    if (!kv->allocation)
        return NULL;
    return (char *)kv->allocation +
           (HEED_KV_ALIGNMENT - (uintptr_t)kv->allocation % HEED_KV_ALIGNMENT) % HEED_KV_ALIGNMENT;
}

heed_status heed_kv_create(const heed_kv_create_args *args, heed_kv **kv)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    heed_kv_create_args a;
    struct heed_kv made;

    if (!kv)
        return HEED_INVALID_ARGUMENT;
    *kv = NULL;
    if (!prepare(&check, &a, &made, args))
        return check.status;

    char *memory = a.memory ? a.memory : allocate(&a, &made);
    if (!memory)
        return HEED_OUT_OF_MEMORY;

    const struct heed_kv_layout at = heed_kv_layout(&made);
    struct heed_packed_header packed = heed_packed_header(
        (heed_dtype)made.k_dtype, made.batch, made.kv_heads, made.qk_dim, made.capacity, made.isa);
    packed.rows = packed.capacity; /* which of them exist is a matter of the lengths */
    memcpy(memory, &made, sizeof made);
    memset(memory + at.lengths, 0, made.batch * sizeof(size_t));
    memcpy(memory + at.k, &packed, sizeof packed);
    *kv = (heed_kv *)(void *)memory;
    return HEED_OK;
}

heed_status heed_kv_create_check(const heed_kv_create_args *args, char *reason, size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    heed_kv_create_args a;
    struct heed_kv kv;

    prepare(&check, &a, &kv, args);
    return check.status;
}

heed_status heed_kv_bytes(const heed_kv_create_args *args, size_t *bytes)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    heed_kv_create_args a;
    struct heed_kv kv;

    if (!bytes)
        return HEED_INVALID_ARGUMENT;
    if (prepare_sizes(&check, &a, &kv, args))
        *bytes = heed_kv_layout(&kv).bytes;
    return check.status;
}

void heed_kv_destroy(heed_kv *kv)
{
    if (!kv)
        return;

    const struct heed_kv was = *kv;
    memset(kv->magic, 0, sizeof kv->magic);
    if (was.allocation)
        was.release(was.context, was.allocation);
}
