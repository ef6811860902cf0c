/* SPDX-License-Identifier: MIT */
/*
 * pool.c - libheed_pool: threads for the operations of heed.
 *
 * Not over pthreadpool, as once: there a call returns when every thread has been on the processor
 * once, and waits for that a million turns awake.  With 2 threads pinned to one CPU a call of 0.8
 * ms took 15 ms, with 16 on 2 CPUs 167 ms, and no flag changes it (`YIELD_WORKERS` is about the
 * time between calls).  libgomp waits for all threads too, oneTBB is C++, and neither survives a
 * fork.
 */
#include <stdlib.h>
#include <unistd.h>

#include "pool_cpus.h"
#include "pool_spin.h"
#include "pool_workers.h"

/* How old the number of CPUs may be: asking costs a system call for each thread. */
static const uint64_t look_after = 20000000; /* 20 ms */

static void look(heed_pool *pool)
{
    const size_t cpus = heed_pool_cpus(pool->threads, pool->workers);

    atomic_store_explicit(&pool->cpus, cpus ? cpus : SIZE_MAX, memory_order_relaxed);
}

/* CPUs of the pool and its caller, as of lately. */
static size_t cpus_of(heed_pool *pool)
{
    const uint64_t now = nanoseconds(rough_clock);
    uint64_t then = atomic_load_explicit(&pool->looked_at, memory_order_relaxed);

    if (now - then >= look_after && atomic_compare_exchange_strong(&pool->looked_at, &then, now))
        look(pool);
    return atomic_load_explicit(&pool->cpus, memory_order_relaxed);
}

/* Workers worth waking for so many bodies, of which the caller does one. */
static size_t helpers_for(heed_pool *pool, size_t count)
{
    if (count < 2 || count > UINT32_MAX || !pool->workers || pool->process != getpid())
        return 0;
    const size_t cpus = cpus_of(pool);
    return (cpus < count ? cpus : count) - 1;
}

static struct pool_job *take_job(heed_pool *pool)
{
    for (size_t i = 0; i < POOL_JOBS; i++) {
        if (pool_job_take(&pool->jobs[i]))
            return &pool->jobs[i];
    }
    return NULL;
}

static void parallel_for(void *context, size_t count, void (*body)(void *argument, size_t i),
                         void *argument)
{
    heed_pool *pool = context;
    const size_t helpers = helpers_for(pool, count);
    struct pool_job *job = helpers ? take_job(pool) : NULL;
    bool last;

    for (size_t i = 0; !job && i < count; i++)
        body(argument, i);
    if (!job)
        return;
    pool_job_open(job, (uint32_t)count, body, argument);
    pool_workers_call(pool, helpers);
    while (pool_job_run_one(job, &last))
        ;
    pool_workers_await(pool, job);
    pool_job_give_back(job);
}

heed_pool *heed_pool_create(size_t threads)
{
    const size_t workers = (threads ? threads : heed_pool_size()) - 1;
    const size_t room = (SIZE_MAX - sizeof(heed_pool)) / sizeof(pthread_t);
    heed_pool *pool = workers < room ? calloc(1, sizeof *pool + workers * sizeof(pthread_t)) : NULL;

    if (!pool)
        return NULL;
    pool->process = getpid();
    if (!pool_workers_start(pool, workers)) {
        free(pool);
        return NULL;
    }
    look(pool);
    atomic_store(&pool->looked_at, nanoseconds(rough_clock));
    return pool;
}

void heed_pool_destroy(heed_pool *pool)
{
    if (pool && pool->process == getpid())
        pool_workers_stop(pool);
    free(pool);
}

size_t heed_pool_threads(const heed_pool *pool)
{
    return pool ? pool->workers + 1 : 1;
}

heed_parallel heed_pool_parallel(heed_pool *pool)
{
    if (!pool)
        return (heed_parallel){0};
    return (heed_parallel){parallel_for, pool, heed_pool_threads(pool)};
}
