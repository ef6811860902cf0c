/* SPDX-License-Identifier: MIT */
/* watched.h - a parallel_for whose threads tell whether a body left their flags alone. */
#ifndef HEED_TESTS_WATCHED_H
#define HEED_TESTS_WATCHED_H

#include <stdatomic.h>

#include "flags.h"
#include "threads.h"

struct watched {
    heed_parallel inner; /* does the work */
    enum flags_turn turn;
    atomic_int changed; /* so many bodies did not */
    void (*body)(void *argument, size_t i);
    void *argument;
};

/* Of `watched`, which lives as long as the call. */
heed_parallel watched_parallel(struct watched *watched);

#endif
