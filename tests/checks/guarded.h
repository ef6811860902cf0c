/* SPDX-License-Identifier: MIT */
/*
 * guarded.h - memory between two pages that nobody may touch, and a call that
 * survives touching them.
 */
#ifndef HEED_CHECKS_GUARDED_H
#define HEED_CHECKS_GUARDED_H

#include <stdbool.h>
#include <stddef.h>

/*
 * `size` usable bytes.  They end exactly where the upper guard page begins, or
 * start exactly where the lower one ends; what remains of their pages, like
 * the bytes themselves at first, holds 0xff: as floats, NaN.
 */
struct guarded {
    unsigned char *data;
    size_t size;
    unsigned char *pages; /* the mapping, guard pages included */
    size_t pages_size;
};

struct guarded guarded_new(size_t size, bool at_end); /* ends the process when out of memory */
void guarded_protect(const struct guarded *memory);   /* from now on it can only be read */
bool guarded_is_blank(const struct guarded *memory);  /* every byte, used or not, is 0xff */
void guarded_free(struct guarded *memory);

/*
 * Calls body(argument); false if it touched memory that it must not, with the
 * address in *where, or if an exception of floats trapped there.  Only the calling
 * thread is watched.
 */
bool call_guarded(void (*body)(void *argument), void *argument, void **where);

#endif
