/* SPDX-License-Identifier: MIT */
/* pool_workers.c - threads that wait for jobs. */
#include "pool_workers.h"

#include <signal.h>

#include "pool_spin.h"

/* Bodies of any job, until none is open. */
static void work(heed_pool *pool)
{
    for (size_t i = 0; i < POOL_JOBS; i++) {
        for (bool last; pool_job_run_one(&pool->jobs[i], &last);) {
            if (!last || !atomic_load(&pool->waiting))
                continue;
            pthread_mutex_lock(&pool->lock);
            pthread_cond_broadcast(&pool->done);
            pthread_mutex_unlock(&pool->lock);
        }
    }
}

/* Sleeps unless a job was posted since there were `seen`; false: it is over. */
static bool sleep_until_called(heed_pool *pool, unsigned seen)
{
    pthread_mutex_lock(&pool->lock);
    /* Who posts a job counts it before he looks for sleepers: one of both sees the other. */
    atomic_fetch_add(&pool->asleep, 1);
    if (atomic_load(&pool->posted) != seen) {
        atomic_fetch_sub(&pool->asleep, 1);
    } else {
        while (!pool->tickets && !pool->stop)
            pthread_cond_wait(&pool->wake, &pool->lock);
        pool->tickets -= pool->tickets > 0;
    }
    const bool stop = pool->stop;
    pthread_mutex_unlock(&pool->lock);
    return !stop;
}

static void *serve(void *argument)
{
    heed_pool *pool = argument;
    unsigned seen = 0;

    while (atomic_load(&pool->posted) != seen || sleep_until_called(pool, seen)) {
        struct spin turns = {0};

        seen = atomic_load(&pool->posted);
        work(pool);
        while (atomic_load_explicit(&pool->posted, memory_order_relaxed) == seen && spin(&turns))
            ;
    }
    return NULL;
}

static bool make_locks(heed_pool *pool)
{
    if (pthread_mutex_init(&pool->lock, NULL))
        return false;
    if (!pthread_cond_init(&pool->wake, NULL)) {
        if (!pthread_cond_init(&pool->done, NULL))
            return true;
        pthread_cond_destroy(&pool->wake);
    }
    pthread_mutex_destroy(&pool->lock);
    return false;
}

bool pool_workers_start(heed_pool *pool, size_t count)
{
    sigset_t all, before;

    if (!make_locks(pool))
        return false;
    /* Signals go to the threads of the program. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (pool->workers < count &&
           !pthread_create(&pool->threads[pool->workers], NULL, serve, pool))
        pool->workers++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return true;
}

void pool_workers_stop(heed_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->workers; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
}

/* Hands out tickets until `wanted` workers are awake, or all; how many, and whether that is all. */
static size_t hand_out(heed_pool *pool, size_t wanted, bool *all)
{
    const size_t asleep = atomic_load(&pool->asleep), awake = pool->workers - asleep;
    const size_t missing = wanted > awake ? wanted - awake : 0;
    const size_t tickets = missing < asleep ? missing : asleep;

    pool->tickets += tickets;
    atomic_fetch_sub(&pool->asleep, tickets);
    *all = tickets == asleep;
    return tickets;
}

void pool_workers_call(heed_pool *pool, size_t wanted)
{
    bool all;

    atomic_fetch_add(&pool->posted, 1);
    if (pool->workers - atomic_load(&pool->asleep) >= wanted)
        return;
    pthread_mutex_lock(&pool->lock);
    const size_t tickets = hand_out(pool, wanted, &all);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < tickets && !all; i++)
        pthread_cond_signal(&pool->wake);
    if (tickets && all)
        pthread_cond_broadcast(&pool->wake);
}

void pool_workers_await(heed_pool *pool, struct pool_job *job)
{
    struct spin turns = {0};

    while (!pool_job_done(job) && spin(&turns))
        ;
    if (pool_job_done(job))
        return;
    pthread_mutex_lock(&pool->lock);
    /* Who ends the last body does so before he looks for waiting callers. */
    atomic_fetch_add(&pool->waiting, 1);
    while (!pool_job_done(job))
        pthread_cond_wait(&pool->done, &pool->lock);
    atomic_fetch_sub(&pool->waiting, 1);
    pthread_mutex_unlock(&pool->lock);
}
