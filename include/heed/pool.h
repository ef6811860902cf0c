/* SPDX-License-Identifier: MIT */
/*
 * pool.h - a ready thread pool for heed, in a library of its own (libheed_pool)
 * so that libheed depends on nothing but libc and libm.  Over pthreadpool.
 */
#ifndef HEED_POOL_H
#define HEED_POOL_H

#include <heed/heed.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct heed_pool heed_pool;

/* A pool of `threads` threads, the caller's included; 0: one per CPU.  NULL: no memory. */
HEED_API heed_pool *heed_pool_create(size_t threads);
/* The caller makes sure that no call is using the pool.  NULL is allowed. */
HEED_API void heed_pool_destroy(heed_pool *pool);
HEED_API size_t heed_pool_threads(const heed_pool *pool);
/*
 * For the `parallel` member of any operation.  Valid until heed_pool_destroy().
 * Several threads may share a pool: their calls take turns.  NULL: no threads.
 */
HEED_API heed_parallel heed_pool_parallel(heed_pool *pool);

#ifdef __cplusplus
}
#endif
#endif /* HEED_POOL_H */
