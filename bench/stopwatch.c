/* SPDX-License-Identifier: MIT */
/* stopwatch.c - own time for one thread, real time for several. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "stopwatch.h"

#include <time.h>

static clockid_t watch = CLOCK_THREAD_CPUTIME_ID;

void stopwatch_set_threads(size_t threads)
{
    watch = threads > 1 ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
}

double stopwatch_seconds(void)
{
    struct timespec time;

    clock_gettime(watch, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}
