/* SPDX-License-Identifier: MIT */
/* kv.c - heed_kv_create(), and what a handle is; kv_image.c says how the memory is laid out. */
#include "kv.h"

#include <string.h>

enum { MARK = 0x6b76686e };

bool heed_kv_is_open(const struct heed_kv *kv)
{
    return kv && kv->mark == MARK && kv->memory;
}

bool heed_kv_check(struct heed_check *check, const struct heed_kv *kv)
{
    if (!kv)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "kv is NULL");
    if (!heed_kv_is_open(kv))
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "kv is no cache that was created or opened");
    return true;
}

bool heed_kv_check_writable(struct heed_check *check, const struct heed_kv *kv)
{
    if (!heed_kv_check(check, kv))
        return false;
    if (kv->read_only)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "kv was opened read_only");
    return true;
}

void heed_kv_attach(struct heed_kv *kv, void *memory, const struct heed_isa *isa, bool read_only)
{
    kv->memory = memory;
    kv->isa = isa;
    kv->read_only = read_only;
    kv->mark = MARK;
}

bool heed_kv_check_memory(struct heed_check *check, const void *memory, size_t size, size_t bytes)
{
    if (!memory)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "memory is NULL");
    if ((uintptr_t)memory % HEED_KV_ALIGNMENT)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "memory is not aligned to %d bytes",
                           HEED_KV_ALIGNMENT);
    if (size < bytes)
        return heed_refuse(check, HEED_WORKSPACE_TOO_SMALL,
                           "memory_size is %zu, %zu bytes are needed", size, bytes);
    return true;
}

bool heed_kv_check_sizes(struct heed_check *check, const struct heed_kv *kv)
{
    const bool k_right = heed_is_kept(kv->k_dtype);

    if (!k_right || !heed_is_kept(kv->v_dtype))
        return heed_refuse(check, HEED_UNSUPPORTED_TYPE,
                           "%s is %d, not HEED_F32, HEED_F16, HEED_BF16, HEED_I8 or HEED_F8",
                           k_right ? "v_dtype" : "k_dtype",
                           (int)(k_right ? kv->v_dtype : kv->k_dtype));
    if (heed_kv_layout(kv).bytes > PTRDIFF_MAX)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "capacity is too large to address");
    return true;
}

/* Checks sizes and types, which is all that the bytes depend on, and puts them into the handle. */
static bool prepare_sizes(struct heed_check *check, heed_kv_create_args *a, struct heed_kv *kv,
                          const heed_kv_create_args *args)
{
    memset(kv, 0, sizeof *kv);
    if (!heed_copy_args(check, a, sizeof *a, offsetof(heed_kv_create_args, k_dtype), args))
        return false;
    kv->k_dtype = a->k_dtype;
    kv->v_dtype = a->v_dtype;
    kv->batch = a->batch;
    kv->kv_heads = a->kv_heads;
    kv->qk_dim = a->qk_dim;
    kv->v_dim = a->v_dim;
    kv->capacity = a->capacity;
    return heed_kv_check_sizes(check, kv);
}

static bool prepare(struct heed_check *check, heed_kv_create_args *a, struct heed_kv *kv,
                    const heed_kv_create_args *args)
{
    if (!prepare_sizes(check, a, kv, args) ||
        !heed_kv_check_memory(check, a->memory, a->memory_size, heed_kv_layout(kv).bytes))
        return false;

    const struct heed_isa *isa = heed_check_isa(check, a->isa);
    if (!isa)
        return false;
    heed_kv_attach(kv, a->memory, isa, false);
    return true;
}

heed_status heed_kv_create(const heed_kv_create_args *args, heed_kv *kv)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    heed_kv_create_args a;
    struct heed_kv made;

    if (!kv)
        return HEED_INVALID_ARGUMENT;
    memset(kv, 0, sizeof *kv);
    if (!prepare(&check, &a, &made, args))
        return check.status;

    const struct heed_kv_layout at = heed_kv_layout(&made);
    const struct heed_kv_header header = heed_kv_header(&made);
    const struct heed_packed_header packed = heed_kv_packed_header(&made);
    /* Whatever the caller says of the memory, lengths have to be right. */
    memset(a.memory, 0, a.memory_is_zero ? at.k : at.bytes);
    memcpy(heed_kv_at(&made, at.k), &packed, sizeof packed);
    memcpy(a.memory, &header, sizeof header);
    *kv = made;
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
