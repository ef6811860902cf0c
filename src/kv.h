/* SPDX-License-Identifier: MIT */
/*
 * kv.h - the image of a KV cache: a header that never changes, the lengths, a packed K, rows of
 * V, and for those of 8 bits their scales, in one piece of memory.
 *
 * An image holds offsets and numbers, no addresses: what belongs to a process stands in the
 * handle, struct heed_kv.  A handle is filled from a header that was checked, and trusted from
 * then on; of the image only the lengths and the rows are read again.
 */
#ifndef HEED_KV_H
#define HEED_KV_H

#include <stdatomic.h>

#include "packed.h"

enum { HEED_KV_ALIGNMENT = 64 };

struct heed_kv_header {
    char magic[8];
    uint32_t byte_order, word_size; /* of a length */
    int32_t version, k_dtype, v_dtype;
    uint32_t panel_keys;
    uint64_t batch, kv_heads, qk_dim, v_dim, capacity, bytes;
    unsigned char zeros[40];
    uint64_t checksum; /* of all before it */
};

/* Offsets from the header. */
struct heed_kv_layout {
    size_t lengths, k, v, k_scales, v_scales, bytes; /* bytes: of all; SIZE_MAX if too many */
};

struct heed_kv_layout heed_kv_layout(const struct heed_kv *kv);

/* What the handle says, as the header of its image, and as that of the packed K in it. */
struct heed_kv_header heed_kv_header(const struct heed_kv *kv);
struct heed_packed_header heed_kv_packed_header(const struct heed_kv *kv);

/* Copies the header that memory begins with; refuses what this library did not leave there. */
bool heed_kv_read_header(struct heed_check *check, const void *memory, struct heed_kv_header *h);

/* Refuses types that a cache cannot hold, and more than can be addressed. */
bool heed_kv_check_sizes(struct heed_check *check, const struct heed_kv *kv);

/* Refuses memory that is misaligned, or shorter than `bytes`. */
bool heed_kv_check_memory(struct heed_check *check, const void *memory, size_t size, size_t bytes);

/* Whether this is a handle, as far as that shows; refuses what is not, and one for reading. */
bool heed_kv_is_open(const struct heed_kv *kv);
bool heed_kv_check(struct heed_check *check, const struct heed_kv *kv);
bool heed_kv_check_writable(struct heed_check *check, const struct heed_kv *kv);

/* Makes *kv a handle; its sizes and types stand there already. */
void heed_kv_attach(struct heed_kv *kv, void *memory, const struct heed_isa *isa, bool read_only);

static inline void *heed_kv_at(const struct heed_kv *kv, size_t offset)
{
    return (char *)kv->memory + offset;
}

/*
 * Lengths in memory that other processes may have: stored after the rows that they count, read
 * before them.
 */
typedef _Atomic(size_t) heed_kv_word;
_Static_assert(sizeof(heed_kv_word) == sizeof(size_t), "lengths are read as an array of size_t");

static inline heed_kv_word *heed_kv_lengths(const struct heed_kv *kv)
{
    return heed_kv_at(kv, sizeof(struct heed_kv_header));
}

static inline size_t heed_kv_load_length(const struct heed_kv *kv, size_t batch)
{
    return atomic_load_explicit(heed_kv_lengths(kv) + batch, memory_order_acquire);
}

static inline void heed_kv_store_length(const struct heed_kv *kv, size_t batch, size_t length)
{
    atomic_store_explicit(heed_kv_lengths(kv) + batch, length, memory_order_release);
}

/*
 * Whether rows of such a dim and type leave anything in memory.  If not, they and their heads
 * may be more than there is time to count; rows without numbers have a scale all the same.
 */
static inline bool heed_kv_keeps(size_t dim, heed_dtype type)
{
    return dim || heed_is_byte(type);
}

static inline bool heed_kv_keeps_any(const struct heed_kv *kv)
{
    return heed_kv_keeps(kv->qk_dim, kv->k_dtype) || heed_kv_keeps(kv->v_dim, kv->v_dtype);
}

/* Puts the parts of args->kv, if there is one, into the members that stand for them. */
bool heed_kv_take(struct heed_check *check, heed_attention_args *args);

#endif
