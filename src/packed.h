/* SPDX-License-Identifier: MIT */
/* packed.h - a packed K: a header that says what it is, then panels for each head. */
#ifndef HEED_PACKED_H
#define HEED_PACKED_H

#include "args.h"

enum { HEED_PACKED_HEADER = 128 /* bytes: panels keep the alignment of the memory */ };

/* Written and read with memcpy, since the memory is only aligned to its elements. */
struct heed_packed_header {
    char magic[8];
    int32_t version, dtype;
    char isa[16];
    uint64_t batch, kv_heads, qk_dim, capacity, rows;
};

/* Bytes of the packed K that the sizes ask for; SIZE_MAX if too many. */
size_t heed_packed_bytes(heed_dtype dtype, size_t batch, size_t kv_heads, size_t qk_dim,
                         size_t capacity);

/* The header of a packed K without rows. */
struct heed_packed_header heed_packed_header(heed_dtype dtype, size_t batch, size_t kv_heads,
                                             size_t qk_dim, size_t capacity,
                                             const struct heed_isa *isa);

/* Panels of one head, and their number of elements. */
ptrdiff_t heed_packed_head(const struct heed_packed_header *header);
void *heed_packed_panels(const void *packed, const struct heed_packed_header *header, size_t batch,
                         size_t kv_head);

/*
 * Reads the header of a packed K of `size` bytes; refuses, under the name `what`,
 * one for other sizes or another library or instruction set.
 */
bool heed_packed_read(struct heed_check *check, const char *what, const void *packed, size_t size,
                      const struct heed_isa *isa, size_t batch, size_t kv_heads, size_t qk_dim,
                      struct heed_packed_header *header);

#endif
