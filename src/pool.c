/* SPDX-License-Identifier: MIT */
/* pool.c - libheed_pool: heed_parallel over pthreadpool, whose only user this is. */
#include <heed/pool.h>

#include <pthreadpool.h>

/* A heed_pool is a pthreadpool under another name: there is nothing to add to it. */

static void parallel_for(void *context, size_t count, void (*body)(void *argument, size_t i),
                         void *argument)
{
    pthreadpool_parallelize_1d(context, body, argument, count, 0);
}

heed_pool *heed_pool_create(size_t threads)
{
    return (heed_pool *)pthreadpool_create(threads);
}

void heed_pool_destroy(heed_pool *pool)
{
    if (pool)
        pthreadpool_destroy((pthreadpool_t)pool);
}

size_t heed_pool_threads(const heed_pool *pool)
{
    return pool ? pthreadpool_get_threads_count((pthreadpool_t)(uintptr_t)pool) : 1;
}

heed_parallel heed_pool_parallel(heed_pool *pool)
{
    if (!pool)
        return (heed_parallel){0};
    return (heed_parallel){parallel_for, pool, heed_pool_threads(pool)};
}
