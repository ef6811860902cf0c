/* SPDX-License-Identifier: MIT */
/* timing.h - one round of one item. */
#ifndef HEED_BENCH_REPORT_TIMING_H
#define HEED_BENCH_REPORT_TIMING_H

#include "item.h"
#include "record.h"

struct timing {
    size_t calls, kept, rounds;
    bool ready;
    double call_s;
};

/* How many calls a round takes, and how long one is. */
void timing_calibrate(struct timing *timing, const struct item *item);
/* The ceiling beside it, a warm-up, and the calls between two looks at clock and counters. */
void timing_round(struct timing *timing, const struct item *item, struct round *round);

#endif
