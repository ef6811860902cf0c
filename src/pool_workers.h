/* SPDX-License-Identifier: MIT */
/* pool_workers.h - threads that wait for jobs. */
#ifndef HEED_POOL_WORKERS_H
#define HEED_POOL_WORKERS_H

#include "arithmetic.h"

#include <pthread.h>
#include <sys/types.h>

#include <heed/pool.h>

#include "pool_job.h"

/* Callers that have help at the same time; further ones work alone. */
enum { POOL_JOBS = 16 };

struct heed_pool {
    pid_t process; /* that the workers belong to: a child has none of them */
    size_t workers;
    atomic_size_t cpus;         /* that they and callers may use, as of `looked_at` */
    _Atomic uint64_t looked_at; /* in nanoseconds */
    char apart[POOL_LINE];      /* what follows is written in every call */
    atomic_uint posted;         /* jobs ever: who has seen this many of them need not look */
    atomic_uint waiting;        /* callers that sleep until a job is done */
    atomic_size_t asleep;       /* workers for whom nobody has a ticket; written under `lock` */
    struct pool_job jobs[POOL_JOBS];
    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    size_t tickets; /* to wake up with */
    bool stop;
    pthread_t threads[];
};

/* Starts up to `count` workers, as many as the system lets it; false: not even locks. */
bool pool_workers_start(heed_pool *pool, size_t count);
/* Ends them; only in their own process. */
void pool_workers_stop(heed_pool *pool);

/* Tells of a new job, and wakes so many workers that `wanted` are awake. */
void pool_workers_call(heed_pool *pool, size_t wanted);
/* Returns when all bodies of a job have ended. */
void pool_workers_await(heed_pool *pool, struct pool_job *job);

#endif
