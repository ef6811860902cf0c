/* SPDX-License-Identifier: MIT */
/*
 * pool_job.h - the bodies of one call, claimed one at a time by whichever threads come.
 *
 * The caller is one of them, so that a call never waits for a thread to begin: only for those that
 * have begun to end.  Jobs stay where they are as long as the pool, because a thread that comes
 * late still looks at one; the number of the call keeps it from claiming what it did not see.
 */
#ifndef HEED_POOL_JOB_H
#define HEED_POOL_JOB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { POOL_LINE = 64 }; /* bytes of a line of cache, on most machines */

struct pool_job {
    _Atomic uint64_t open; /* number of the call << 32 | bodies that nobody has claimed */
    atomic_size_t unfinished;
    atomic_bool taken;                      /* by a caller */
    void (*body)(void *argument, size_t i); /* valid for who has claimed one */
    void *argument;
    char apart[POOL_LINE];
};

static inline bool pool_job_take(struct pool_job *job)
{
    return !atomic_load_explicit(&job->taken, memory_order_relaxed) &&
           !atomic_exchange_explicit(&job->taken, true, memory_order_acquire);
}

static inline void pool_job_give_back(struct pool_job *job)
{
    atomic_store_explicit(&job->taken, false, memory_order_release);
}

static inline void pool_job_open(struct pool_job *job, uint32_t count,
                                 void (*body)(void *argument, size_t i), void *argument)
{
    const uint64_t call = (atomic_load_explicit(&job->open, memory_order_relaxed) >> 32) + 1;

    job->body = body;
    job->argument = argument;
    atomic_store_explicit(&job->unfinished, count, memory_order_relaxed);
    atomic_store_explicit(&job->open, call << 32 | count, memory_order_release);
}

/* Claims a body and runs it; false if none is open.  *last: it was the last one to end. */
static inline bool pool_job_run_one(struct pool_job *job, bool *last)
{
    uint64_t open = atomic_load_explicit(&job->open, memory_order_relaxed);

    do {
        if (!(uint32_t)open)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&job->open, &open, open - 1,
                                                    memory_order_acquire, memory_order_relaxed));
    job->body(job->argument, (uint32_t)open - 1);
    *last = atomic_fetch_sub_explicit(&job->unfinished, 1, memory_order_seq_cst) == 1;
    return true;
}

static inline bool pool_job_done(struct pool_job *job)
{
    return !atomic_load_explicit(&job->unfinished, memory_order_seq_cst);
}

#endif
