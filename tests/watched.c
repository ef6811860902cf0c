/* SPDX-License-Identifier: MIT */
/* watched.c - bodies between two looks at the flags of their thread. */
#include "watched.h"

static void watched_body(void *argument, size_t i)
{
    struct watched *watched = argument;
    const int flags = flags_begin(watched->turn);

    watched->body(watched->argument, i);
    if (flags_end() != flags)
        atomic_fetch_add(&watched->changed, 1);
}

static void watched_for(void *context, size_t count, void (*body)(void *argument, size_t i),
                        void *argument)
{
    struct watched *watched = context;

    watched->body = body;
    watched->argument = argument;
    watched->inner.parallel_for(watched->inner.context, count, watched_body, watched);
}

heed_parallel watched_parallel(struct watched *watched)
{
    return (heed_parallel){watched_for, watched, watched->inner.workers};
}
