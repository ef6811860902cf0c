/* SPDX-License-Identifier: MIT */
/*
 * race_pool.c - pools come and go while several threads call them, at once and after pauses in
 * which workers fall asleep.
 *
 * A plain program, so that ThreadSanitizer sees nothing but the library.
 */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <heed/pool.h>

enum { POOLS = 20, CALLERS = 3, CALLS = 40, BODIES = 4 };

/* What the bodies of one call write without a lock: the pool is to put them in order. */
struct call {
    size_t ran[BODIES];
};

static void body(void *argument, size_t i)
{
    struct call *call = argument;

    call->ran[i]++;
}

static void *call_often(void *argument)
{
    const heed_parallel parallel = heed_pool_parallel(argument);
    struct call call = {{0}};

    for (size_t i = 1; i <= CALLS; i++) {
        parallel.parallel_for(parallel.context, BODIES, body, &call);
        for (size_t b = 0; b < BODIES; b++) {
            if (call.ran[b] != i)
                return "a body was left out, ran twice, or was not over";
        }
        if (i % 8 == 0)
            usleep(400);
    }
    return NULL;
}

static const char *use_one(void)
{
    heed_pool *pool = heed_pool_create(BODIES);
    pthread_t callers[CALLERS];
    void *complaint;
    const char *first = pool ? NULL : "no pool";

    for (size_t i = 0; pool && i < CALLERS; i++) {
        if (pthread_create(&callers[i], NULL, call_often, pool))
            return "no thread";
    }
    for (size_t i = 0; pool && i < CALLERS; i++) {
        pthread_join(callers[i], &complaint);
        first = first ? first : complaint;
    }
    heed_pool_destroy(pool);
    return first;
}

int main(void)
{
    for (size_t i = 0; i < POOLS; i++) {
        const char *complaint = use_one();

        if (complaint) {
            fprintf(stderr, "pool %zu: %s\n", i, complaint);
            return 1;
        }
    }
    return 0;
}
