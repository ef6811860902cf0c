/* SPDX-License-Identifier: MIT */
/* memory.h - memory of a call; running out of it is a status, and leaves errno alone. */
#ifndef HEED_MEMORY_H
#define HEED_MEMORY_H

#include <errno.h>
#include <stdlib.h>

#include "args.h"

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

/*
 * Refuses a workspace, if there is one, of fewer than the `bytes` that are used of it, or one that
 * overlaps an operand, which is checked already.
 */
bool heed_check_workspace(struct heed_check *check, const void *workspace, size_t size,
                          size_t bytes, const struct heed_operand *operands, size_t count);

#endif
