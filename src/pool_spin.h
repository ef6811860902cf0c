/* SPDX-License-Identifier: MIT */
/*
 * pool_spin.h - waiting awake, but not for long, and not before others.
 *
 * To sleep and to be woken takes 5 to 50 us, and ms where the processor is busy: so that is worth
 * some waiting for what mostly comes sooner, the next call of a loop or the end of the last task.
 * A thread that yields meanwhile stands aside where others want the processor and costs them
 * nothing.  Without that, with seven threads of other programs for each CPU, calls of 40 us took 3
 * to 7 times as long with 2 threads as with one; with it, as long.
 */
#ifndef HEED_POOL_SPIN_H
#define HEED_POOL_SPIN_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum { SPIN_NANOSECONDS = 200000, SPIN_TURNS = 128 };

struct spin {
    uint64_t end;
    unsigned turns;
};

/* A clock that costs less, where there is one, and is good to some 10 ms. */
#ifdef CLOCK_MONOTONIC_COARSE
static const clockid_t rough_clock = CLOCK_MONOTONIC_COARSE;
#else
static const clockid_t rough_clock = CLOCK_MONOTONIC;
#endif

static inline uint64_t nanoseconds(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* For the condition of a loop, begun with a spin of zeros: false once it took too long. */
static inline bool spin(struct spin *spin)
{
    if (++spin->turns % SPIN_TURNS)
        return true;
    sched_yield();
    const uint64_t now = nanoseconds(CLOCK_MONOTONIC);
    if (!spin->end)
        spin->end = now + SPIN_NANOSECONDS;
    return now < spin->end;
}

#endif
