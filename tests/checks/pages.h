/* SPDX-License-Identifier: MIT */
/* pages.h - what guarded.c and closed.c need of the system: pages_posix.c, pages_windows.c or
 * pages_plain.c. */
#ifndef HEED_CHECKS_PAGES_H
#define HEED_CHECKS_PAGES_H

#include <stdbool.h>
#include <stddef.h>

enum pages_access { PAGES_NONE, PAGES_READ, PAGES_READ_WRITE };

size_t pages_unit(void);

/* Whole pages that nobody may touch; NULL if there are none to be had. */
unsigned char *pages_reserve(size_t size);
bool pages_allow(unsigned char *pages, size_t size, enum pages_access access);
void pages_release(unsigned char *pages, size_t size);

/* call_guarded() is theirs too: see guarded.h. */

#endif
