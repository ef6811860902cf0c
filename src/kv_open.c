/* SPDX-License-Identifier: MIT */
/* kv_open.c - heed_kv_open(): a cache found in memory, which may hold anything. */
#include <string.h>

#include "kv.h"

static bool check_lengths(struct heed_check *check, const struct heed_kv *kv, const char *memory)
{
    const size_t at = heed_kv_layout(kv).lengths;

    for (size_t b = 0; b < kv->batch; b++) {
        size_t length;

        memcpy(&length, memory + at + b * sizeof length, sizeof length);
        if (length > kv->capacity)
            return heed_refuse(check, HEED_INVALID_ARGUMENT,
                               "memory: entry %zu has %zu rows of a capacity of %zu", b, length,
                               kv->capacity);
    }
    return true;
}

/* The header, a copy of which `kv` is, against the memory that it describes. */
static bool check_header(struct heed_check *check, struct heed_kv *kv, size_t size)
{
    char name[sizeof kv->isa_name + 1] = {0};

    if (!heed_kv_begun(kv) || kv->header_size != sizeof *kv)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "memory holds no cache of this library (version %s)",
                           heed_version_string());
    memcpy(name, kv->isa_name, sizeof kv->isa_name);
    kv->isa = heed_isa_find(name);
    if (!kv->isa || !heed_isa_supported(kv->isa))
        return heed_refuse(check, HEED_UNSUPPORTED_ISA,
                           "memory was filled for %s, which cannot run here", name);
    if (!heed_is_kept((heed_dtype)kv->k_dtype) || !heed_is_kept((heed_dtype)kv->v_dtype))
        return heed_refuse(check, HEED_UNSUPPORTED_TYPE, "memory holds types %d and %d",
                           (int)kv->k_dtype, (int)kv->v_dtype);
    if (size < heed_kv_layout(kv).bytes)
        return heed_refuse(check, HEED_WORKSPACE_TOO_SMALL,
                           "memory_size is %zu, the cache has %zu bytes", size,
                           heed_kv_layout(kv).bytes);
    return true;
}

static bool prepare(struct heed_check *check, struct heed_kv *kv, const void *memory, size_t size)
{
    struct heed_packed_header packed;

    if (!memory)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "memory is NULL");
    if ((uintptr_t)memory % HEED_KV_ALIGNMENT)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "memory is not aligned to %d bytes",
                           HEED_KV_ALIGNMENT);
    if (size < sizeof *kv)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "memory_size is %zu: no cache", size);
    memcpy(kv, memory, sizeof *kv);
    if (!check_header(check, kv, size) || !check_lengths(check, kv, memory))
        return false;

    const size_t k = heed_kv_layout(kv).k;
    if (!heed_packed_read(check, "memory", (const char *)memory + k, size - k, kv->isa, kv->batch,
                          kv->kv_heads, kv->qk_dim, &packed))
        return false;
    if (packed.dtype != kv->k_dtype || packed.capacity != kv->capacity ||
        packed.rows != kv->capacity)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "memory holds the keys of another cache");
    return true;
}

heed_status heed_kv_open(void *memory, size_t memory_size, heed_kv **kv)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct heed_kv found;

    if (!kv)
        return HEED_INVALID_ARGUMENT;
    *kv = NULL;
    if (!prepare(&check, &found, memory, memory_size))
        return check.status;
    found.allocation = found.context = NULL;
    found.release = NULL;
    memcpy(memory, &found, sizeof found);
    *kv = memory;
    return HEED_OK;
}

heed_status heed_kv_open_check(const void *memory, size_t memory_size, char *reason,
                               size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    struct heed_kv kv;

    prepare(&check, &kv, memory, memory_size);
    return check.status;
}
