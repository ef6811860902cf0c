/* SPDX-License-Identifier: MIT */
/* threads.h - parallel_for callbacks of every temper, for the tests. */
#ifndef HEED_TESTS_THREADS_H
#define HEED_TESTS_THREADS_H

#include <stddef.h>

#include <heed/heed.h>

/* What a callback saw: its context. */
struct calls {
    size_t workers; /* as promised in heed_parallel */
    size_t calls, bodies, most;
};

/* Each body on a POSIX thread of its own, started last first. */
void each_on_a_thread(void *context, size_t count, void (*body)(void *argument, size_t i),
                      void *argument);
/* All bodies on the calling thread, odd ones first. */
void odd_ones_first(void *context, size_t count, void (*body)(void *argument, size_t i),
                    void *argument);
/* All bodies on one other thread. */
void all_on_one_thread(void *context, size_t count, void (*body)(void *argument, size_t i),
                       void *argument);

#endif
