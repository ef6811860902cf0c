/* SPDX-License-Identifier: MIT */
/* kv_image.c - where the parts of an image stand, and the header that says so. */
#include <string.h>

#include "kv.h"
#include "scratch.h"

static const char magic[8] = "heed KV";

enum { OWN_BYTE_ORDER = 0x01020304, OTHER_BYTE_ORDER = 0x04030201 };

_Static_assert(sizeof(struct heed_kv_header) == 128, "no padding, and whole cache lines");

static size_t padded(size_t bytes)
{
    return heed_add(bytes, HEED_KV_ALIGNMENT - 1) == SIZE_MAX ? SIZE_MAX
                                                              : heed_pad(bytes, HEED_KV_ALIGNMENT);
}

struct heed_kv_layout heed_kv_layout(const struct heed_kv *kv)
{
    const size_t rows = heed_mul(heed_mul(kv->batch, kv->kv_heads), kv->capacity);
    const size_t keys =
        heed_packed_bytes(kv->k_dtype, kv->batch, kv->kv_heads, kv->qk_dim, kv->capacity);
    const size_t values = heed_mul(heed_mul(rows, kv->v_dim), heed_size(kv->v_dtype));
    const size_t scales = padded(heed_mul(rows, sizeof(float)));
    struct heed_kv_layout at = {.lengths = sizeof(struct heed_kv_header)};

    at.k = heed_add(at.lengths, padded(heed_mul(kv->batch, sizeof(size_t))));
    at.v = heed_add(at.k, padded(keys));
    at.k_scales = heed_add(at.v, padded(values));
    at.v_scales = heed_add(at.k_scales, heed_is_byte(kv->k_dtype) ? scales : 0);
    at.bytes = heed_add(at.v_scales, heed_is_byte(kv->v_dtype) ? scales : 0);
    return at;
}

/*
 * FNV-1a of 64 bits (Fowler, Noll and Vo; draft-eastlake-fnv).  Each step is a bijection of the
 * state and of the byte, so that one changed byte always shows.
 */
static uint64_t checksum(const void *bytes, size_t count)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < count; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
    return hash;
}

struct heed_kv_header heed_kv_header(const struct heed_kv *kv)
{
    struct heed_kv_header h = {
        .byte_order = OWN_BYTE_ORDER,
        .word_size = sizeof(size_t),
        .version = HEED_VERSION,
        .k_dtype = (int32_t)kv->k_dtype,
        .v_dtype = (int32_t)kv->v_dtype,
        .panel_keys = (uint32_t)kv->isa->panel_keys,
        .batch = kv->batch,
        .kv_heads = kv->kv_heads,
        .qk_dim = kv->qk_dim,
        .v_dim = kv->v_dim,
        .capacity = kv->capacity,
        .bytes = heed_kv_layout(kv).bytes,
    };

    memcpy(h.magic, magic, sizeof magic);
    h.checksum = checksum(&h, offsetof(struct heed_kv_header, checksum));
    return h;
}

struct heed_packed_header heed_kv_packed_header(const struct heed_kv *kv)
{
    struct heed_packed_header h =
        heed_packed_header(kv->k_dtype, kv->batch, kv->kv_heads, kv->qk_dim, kv->capacity, kv->isa);

    h.rows = h.capacity; /* which of them exist is a matter of the lengths */
    return h;
}

bool heed_kv_read_header(struct heed_check *check, const void *memory, struct heed_kv_header *h)
{
    memcpy(h, memory, sizeof *h);
    if (memcmp(h->magic, magic, sizeof magic))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "memory holds no KV cache");
    if (h->byte_order == OTHER_BYTE_ORDER)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "memory was filled by a machine of another byte order");
    if (h->version != HEED_VERSION)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "memory was not filled by this version of the library (%s)",
                           heed_version_string());
    if (h->checksum != checksum(h, offsetof(struct heed_kv_header, checksum)))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "memory has a header that was changed");
    if (h->word_size != sizeof(size_t))
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "memory was filled by a machine of words of %u bytes, not %zu",
                           (unsigned)h->word_size, sizeof(size_t));
    return true;
}
