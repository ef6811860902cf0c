/* SPDX-License-Identifier: MIT */
/*
 * threads_pthread.c - threads without libheed_pool: new ones for every call, which
 * costs some 20 us a thread and so hides nothing but makes small calls look slow.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "threads.h"

const char threads_kind[] = "pthreads";

struct share {
    pthread_t thread;
    void (*body)(void *argument, size_t i);
    void *argument;
    size_t i;
};

static void *run_share(void *pointer)
{
    const struct share *share = pointer;

    share->body(share->argument, share->i);
    return NULL;
}

/* `context` holds room for as many shares as there are workers; the last runs here. */
static void spread(void *context, size_t count, void (*body)(void *, size_t), void *argument)
{
    struct share *shares = context;

    for (size_t i = 0; i + 1 < count; i++) {
        shares[i] = (struct share){.body = body, .argument = argument, .i = i};
        if (pthread_create(&shares[i].thread, NULL, run_share, &shares[i]) != 0) {
            fprintf(stderr, "heed-bench: cannot start a thread\n");
            exit(1);
        }
    }
    if (count > 0)
        body(argument, count - 1);
    for (size_t i = 0; i + 1 < count; i++)
        pthread_join(shares[i].thread, NULL);
}

static struct share *all_shares;

heed_parallel threads_start(size_t count)
{
    if (count <= 1)
        return (heed_parallel){.parallel_for = NULL};
    all_shares = calloc(count, sizeof *all_shares);
    if (!all_shares)
        exit(1);
    return (heed_parallel){.parallel_for = spread, .context = all_shares, .workers = count};
}

void threads_stop(void)
{
    free(all_shares);
    all_shares = NULL;
}
