/* SPDX-License-Identifier: MIT */
/* threads.c - parallel_for on POSIX threads and without. */
#include "threads.h"

#include <pthread.h>
#include <stdlib.h>

struct share {
    void (*body)(void *argument, size_t i);
    void *argument;
    size_t first, end;
};

static void note(struct calls *calls, size_t count)
{
    calls->calls++;
    calls->bodies += count;
    calls->most = count > calls->most ? count : calls->most;
}

static void *run_share(void *argument)
{
    const struct share *share = argument;

    for (size_t i = share->first; i < share->end; i++)
        share->body(share->argument, i);
    return NULL;
}

static void start(pthread_t *thread, struct share *share)
{
    if (pthread_create(thread, NULL, run_share, share))
        abort();
}

void each_on_a_thread(void *context, size_t count, void (*body)(void *argument, size_t i),
                      void *argument)
{
    struct share *shares = calloc(count, sizeof *shares);
    pthread_t *threads = calloc(count, sizeof *threads);

    note(context, count);
    for (size_t i = count; i-- > 0;) {
        shares[i] = (struct share){body, argument, i, i + 1};
        start(&threads[i], &shares[i]);
    }
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    free(shares);
}

void odd_ones_first(void *context, size_t count, void (*body)(void *argument, size_t i),
                    void *argument)
{
    note(context, count);
    for (size_t i = 1; i < count; i += 2)
        body(argument, i);
    for (size_t i = 0; i < count; i += 2)
        body(argument, i);
}

void all_on_one_thread(void *context, size_t count, void (*body)(void *argument, size_t i),
                       void *argument)
{
    struct share share = {body, argument, 0, count};
    pthread_t thread;

    note(context, count);
    start(&thread, &share);
    pthread_join(thread, NULL);
}
