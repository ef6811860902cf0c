/* SPDX-License-Identifier: MIT */
/* threads_pool.c - threads from libheed_pool, where that was built. */
#include <stdio.h>
#include <stdlib.h>

#include <heed/pool.h>

#include "threads.h"

const char threads_kind[] = "libheed_pool";

static heed_pool *pool;

heed_parallel threads_start(size_t count)
{
    if (count <= 1)
        return (heed_parallel){.parallel_for = NULL};
    pool = heed_pool_create(count);
    if (!pool) {
        fprintf(stderr, "heed-bench: cannot start %zu threads\n", count);
        exit(1);
    }
    return heed_pool_parallel(pool);
}

void threads_stop(void)
{
    heed_pool_destroy(pool);
    pool = NULL;
}
