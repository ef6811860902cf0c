/* SPDX-License-Identifier: MIT */
/* memory.h - allocation that leaves errno alone: running out of memory is a status. */
#ifndef HEED_MEMORY_H
#define HEED_MEMORY_H

#include <errno.h>
#include <stdlib.h>

#include <heed/heed.h>

static inline void *heed_alloc(size_t bytes)
{
    const int error = errno;
    void *memory = malloc(bytes);

    errno = error;
    return memory;
}

/*
 * run(job, workspace) with so many bytes, which are released when it returns, or when an exception
 * passes through.  Its status, or HEED_OUT_OF_MEMORY.
 */
heed_status heed_run_on_heap(size_t bytes, heed_status (*run)(void *job, char *workspace),
                             void *job);

#endif
