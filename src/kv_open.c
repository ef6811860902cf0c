/* SPDX-License-Identifier: MIT */
/* kv_open.c - heed_kv_open(): a cache found in memory, which may hold anything. */
#include <string.h>

#include "kv.h"

static bool check_lengths(struct heed_check *check, const struct heed_kv *kv)
{
    for (size_t b = 0; b < kv->batch; b++) {
        const size_t length = heed_kv_load_length(kv, b);

        if (length > kv->capacity)
            return heed_refuse(check, HEED_INVALID_ARGUMENT,
                               "memory: entry %zu has %zu rows of a capacity of %zu", b, length,
                               kv->capacity);
    }
    return true;
}

/* The kernels that the caller wants, or any; of as many keys in a panel as the image. */
static const struct heed_isa *find_isa(struct heed_check *check, const heed_isa *asked,
                                       size_t panel_keys)
{
    const struct heed_isa *isa = heed_check_isa(check, asked);

    if (isa && asked && isa->panel_keys != panel_keys) {
        heed_refuse(check, HEED_INVALID_ARGUMENT,
                    "isa is %s, whose panels have %zu keys, those of memory have %zu", isa->name,
                    isa->panel_keys, panel_keys);
        return NULL;
    }
    if (!isa || asked)
        return isa;
    isa = heed_isa_of_panels(panel_keys);
    if (!isa)
        heed_refuse(check, HEED_UNSUPPORTED_ISA,
                    "memory has panels of %zu keys, which no instruction set takes that runs here",
                    panel_keys);
    return isa;
}

/* The sizes of a header whose checksum is right, which does not make them right. */
static bool take_sizes(struct heed_check *check, const struct heed_kv_header *h, struct heed_kv *kv)
{
    kv->k_dtype = (heed_dtype)h->k_dtype;
    kv->v_dtype = (heed_dtype)h->v_dtype;
    kv->batch = (size_t)h->batch;
    kv->kv_heads = (size_t)h->kv_heads;
    kv->qk_dim = (size_t)h->qk_dim;
    kv->v_dim = (size_t)h->v_dim;
    kv->capacity = (size_t)h->capacity;
    return heed_kv_check_sizes(check, kv);
}

/* Both headers are those that a new cache of these sizes would get. */
static bool check_headers(struct heed_check *check, const struct heed_kv *kv)
{
    const struct heed_kv_header header = heed_kv_header(kv);
    const struct heed_packed_header packed = heed_kv_packed_header(kv);

    if (memcmp(kv->memory, &header, sizeof header) ||
        memcmp(heed_kv_at(kv, heed_kv_layout(kv).k), &packed, sizeof packed))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "memory has headers of different caches");
    return true;
}

static bool prepare(struct heed_check *check, struct heed_kv *kv, const heed_kv_open_args *args)
{
    heed_kv_open_args a;
    struct heed_kv_header header;

    memset(kv, 0, sizeof *kv);
    if (!heed_copy_args(check, &a, sizeof a, offsetof(heed_kv_open_args, read_only), args) ||
        !heed_kv_check_memory(check, a.memory, a.memory_size, sizeof header) ||
        !heed_kv_read_header(check, a.memory, &header) || !take_sizes(check, &header, kv) ||
        !heed_kv_check_memory(check, a.memory, a.memory_size, heed_kv_layout(kv).bytes))
        return false;

    const struct heed_isa *isa = find_isa(check, a.isa, header.panel_keys);
    if (!isa)
        return false;
    heed_kv_attach(kv, a.memory, isa, a.read_only);
    return check_headers(check, kv) && check_lengths(check, kv);
}

heed_status heed_kv_open(const heed_kv_open_args *args, heed_kv *kv)
{
    struct heed_check check = heed_check_begin(NULL, 0);
    struct heed_kv found;

    if (!kv)
        return HEED_INVALID_ARGUMENT;
    memset(kv, 0, sizeof *kv);
    if (prepare(&check, &found, args))
        *kv = found;
    return check.status;
}

heed_status heed_kv_open_check(const heed_kv_open_args *args, char *reason, size_t reason_size)
{
    struct heed_check check = heed_check_begin(reason, reason_size);
    struct heed_kv kv;

    prepare(&check, &kv, args);
    return check.status;
}
