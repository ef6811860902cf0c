/* SPDX-License-Identifier: MIT */
/*
 * pool.h - a ready thread pool for heed, in a library of its own (libheed_pool)
 * so that libheed depends on nothing but libc and libm.
 *
 * A call takes its caller's thread and such workers as get to run, and never waits for one that
 * has not begun.  So it is about as fast as on one thread where the CPUs are busy otherwise.
 * Workers without a call sleep after 0.2 ms, in which they let others run.  They block all signals.
 */
#ifndef HEED_POOL_H
#define HEED_POOL_H

#include <heed/heed.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct heed_pool heed_pool;

/*
 * A pool of `threads` threads, the caller's included; fewer where the system refuses to start
 * so many.  0: one for each CPU that this process may use, large or small: those of the calling
 * thread's affinity mask and cpuset, and on Linux no more than the quota of its control groups (v1
 * or v2), rounded up.  NULL: no memory.
 */
HEED_API heed_pool *heed_pool_create(size_t threads);
/* The caller makes sure that no call is using the pool.  NULL is allowed. */
HEED_API void heed_pool_destroy(heed_pool *pool);
/* How many there are; 1 for NULL.  Always the same for one pool. */
HEED_API size_t heed_pool_threads(const heed_pool *pool);
/*
 * For the `parallel` member of any operation.  Valid until heed_pool_destroy().  NULL: no threads.
 *
 * CPUs: a call uses no more threads at a time than there are CPUs that the pool's threads and the
 * calling one may run on, asked again every 20 ms: so the affinity may change later.
 *
 * Threads: several may share a pool at the same time.  Their calls run beside each other, each on
 * its own thread and with what workers are free; when 16 calls have help, a further one works
 * alone.  A body may call the pool again.
 *
 * Fork: a child has no workers.  There every call with its parent's pool runs on the calling
 * thread, with the same results, and heed_pool_destroy() frees what memory the child has of it.
 * A pool that shall have workers is made after the fork.
 */
HEED_API heed_parallel heed_pool_parallel(heed_pool *pool);

#ifdef __cplusplus
}
#endif
#endif /* HEED_POOL_H */
