/* SPDX-License-Identifier: MIT */
/*
 * packed.h - a packed K: a header that says what it is, then panels for each head.
 *
 * A panel is [dim][key] of some keys side by side, as many for every type.  How many is all that
 * kernels may differ in, and so what the header says, instead of a name.
 */
#ifndef HEED_PACKED_H
#define HEED_PACKED_H

#include "args.h"

/* Written and read with memcpy, since the memory is only aligned to its elements. */
struct heed_packed_header {
    char magic[8];
    int32_t version, dtype;
    uint64_t panel_keys;
    uint64_t batch, kv_heads, qk_dim, capacity, rows;
    unsigned char zeros[64]; /* panels keep the alignment of the memory */
};

enum { HEED_PACKED_HEADER = sizeof(struct heed_packed_header) };

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
 * one for other sizes, another library or kernels of other panels.
 */
bool heed_packed_read(struct heed_check *check, const char *what, const void *packed, size_t size,
                      const struct heed_isa *isa, size_t batch, size_t kv_heads, size_t qk_dim,
                      struct heed_packed_header *header);

#endif
