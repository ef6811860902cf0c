/* SPDX-License-Identifier: MIT */
/* marks.h - what happened to a round that should not have. */
#ifndef HEED_BENCH_REPORT_MARKS_H
#define HEED_BENCH_REPORT_MARKS_H

#include <stddef.h>

/* Bits; a round with any of them is kept out of the medians. */
enum { MARK_CLOCK = 1, MARK_SWITCH = 2, MARK_STEAL = 4, MARK_FAULT = 8, MARKS = 4 };

extern const char *const mark_names[MARKS]; /* by bit */

/* Counters that only grow. */
struct events {
    long switches, faults;
    unsigned long long stolen; /* ticks that a hypervisor gave to others */
};

/* Whose: this thread's on one core, or of all threads on all cores. */
void events_start(size_t threads, size_t cpu);
struct events events_now(void);
unsigned marks_between(struct events before, struct events after, double clock_before,
                       double clock_after);

#endif
