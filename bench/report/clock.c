/* SPDX-License-Identifier: MIT */
/*
 * clock.c - a chain of dependent additions takes a cycle for each on any CPU of today.
 *
 * Between registers: some CPUs add small constants while renaming, in no time (Intel's
 * since Golden Cove; Fog, "The microarchitecture of Intel, AMD and VIA CPUs").
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "clock.h"

#include <stddef.h>
#include <time.h>

double clock_seconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* The barrier hides x from the compiler, so that it can neither fold nor reorder additions. */
static inline size_t add(size_t x, size_t step)
{
    x += step;
    __asm__ volatile("" : "+r"(x));
    return x;
}

enum { CHAIN = 16, BLOCKS = 4000 };

static size_t chain(size_t x, size_t step)
{
    for (int i = 0; i < BLOCKS; i++) {
        x = add(add(add(add(x, step), step), step), step);
        x = add(add(add(add(x, step), step), step), step);
        x = add(add(add(add(x, step), step), step), step);
        x = add(add(add(add(x, step), step), step), step);
    }
    return x;
}

/* The best of five: an interruption can only make a chain look slow. */
double clock_hertz(void)
{
    static volatile size_t step = 3, kept;
    double best = 0;

    for (int run = 0; run < 5; run++) {
        const double start = clock_seconds();

        kept = chain(kept, step);
        const double seconds = clock_seconds() - start;

        if (seconds > 0 && (double)CHAIN * BLOCKS / seconds > best)
            best = (double)CHAIN * BLOCKS / seconds;
    }
    return best;
}
