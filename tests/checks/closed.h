/* SPDX-License-Identifier: MIT */
/* closed.h - memory with holes: only pages that hold something worth reading can be read. */
#ifndef HEED_CHECKS_CLOSED_H
#define HEED_CHECKS_CLOSED_H

#include <stddef.h>

/* Whole pages, and how many bytes of each must stay readable. */
struct closed {
    unsigned char *pages;
    size_t size;
    size_t *kept; /* [pages] */
};

/* Zeros that can be written, of which nothing is kept; ends the process when out of memory. */
struct closed closed_new(size_t bytes);
/* These bytes must stay readable; or they need not, which were kept before. */
void closed_keep(struct closed *memory, const void *at, size_t bytes);
void closed_drop(struct closed *memory, const void *at, size_t bytes);
/* From now on pages of which something is kept can only be read, and others not at all. */
void closed_shut(const struct closed *memory);
void closed_free(struct closed *memory);

#endif
