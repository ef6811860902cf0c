/* SPDX-License-Identifier: MIT */
/* memory.h - allocation that leaves errno alone: running out of memory is a status. */
#ifndef HEED_MEMORY_H
#define HEED_MEMORY_H

#include <errno.h>
#include <stdlib.h>

static inline void *heed_alloc(size_t bytes)
{
    const int error = errno;
    void *memory = malloc(bytes);

    errno = error;
    return memory;
}

#endif
