/* SPDX-License-Identifier: MIT */
/* record.h - what a child tells the parent through a pipe, as it happens. */
#ifndef HEED_BENCH_REPORT_RECORD_H
#define HEED_BENCH_REPORT_RECORD_H

#include <stdbool.h>
#include <stdint.h>

enum record_what {
    RECORD_VERDICT, /* the item was checked: errors, or why it is not timed */
    RECORD_ROUND,
    RECORD_PROGRESS, /* seconds that are left; round */
    RECORD_END
};

struct round {
    double seconds; /* per call */
    double clock_before, clock_after, ceiling;
    uint32_t calls, order, process, marks;
};

/* Smaller than PIPE_BUF: written whole or not at all. */
struct record {
    enum record_what what;
    uint32_t item;
    struct round round;
    bool right, absent;
    double max_error, error_bound, work, seconds_left;
    char why[96];
};

#endif
