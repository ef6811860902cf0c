/* SPDX-License-Identifier: MIT */
/*
 * kv.h - a KV cache: this header, the lengths, a packed K, rows of V, and for those of 8 bits
 * their scales, in one piece of memory.
 *
 * Places are offsets and the instruction set a name, so that the memory may be copied.
 */
#ifndef HEED_KV_H
#define HEED_KV_H

#include "packed.h"

enum { HEED_KV_ALIGNMENT = 64 };

struct heed_kv {
    char magic[8];
    int32_t version;
    uint32_t header_size; /* tells 32 from 64 bits */
    char isa_name[16];
    int32_t k_dtype, v_dtype;
    size_t batch, kv_heads, qk_dim, v_dim, capacity;
    /* Of this process: heed_kv_open() sets them anew. */
    const struct heed_isa *isa;
    void *allocation; /* NULL: the memory is the caller's */
    void (*release)(void *context, void *memory);
    void *context;
};

/* Offsets from the header. */
struct heed_kv_layout {
    size_t lengths, k, v, k_scales, v_scales, bytes; /* bytes: of all; SIZE_MAX if too many */
};

struct heed_kv_layout heed_kv_layout(const struct heed_kv *kv);

/* Whether this is a cache of this version, as far as that shows; refuses what is not. */
bool heed_kv_begun(const struct heed_kv *kv);
bool heed_kv_check(struct heed_check *check, const struct heed_kv *kv);

static inline size_t *heed_kv_lengths(const struct heed_kv *kv)
{
    return (size_t *)((uintptr_t)kv + heed_kv_layout(kv).lengths);
}

/* Puts the parts of args->kv, if there is one, into the members that stand for them. */
bool heed_kv_take(struct heed_check *check, heed_attention_args *args);

#endif
