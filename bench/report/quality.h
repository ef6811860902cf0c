/* SPDX-License-Identifier: MIT */
/* quality.h - how far the figures of a run can be trusted, and what would help. */
#ifndef HEED_BENCH_REPORT_QUALITY_H
#define HEED_BENCH_REPORT_QUALITY_H

#include "run.h"

enum { MOST_LINES = 12, MOST_COMMANDS = 3, LINE_SIZE = 160 };

struct quality {
    char grade;        /* 'A', 'B' or 'C' */
    double resolution; /* the largest difference of an A/A pair, relative; NAN: there is none */
    char reasons[MOST_LINES][LINE_SIZE], commands[MOST_COMMANDS][LINE_SIZE];
    size_t reason_count, command_count;
};

struct quality quality_of(const struct run *run);
/* What heed-bench exits with: 1 if something went wrong, with --strict also below A. */
static inline int quality_status(const struct quality *quality, const struct run *run)
{
    return run->failed || (run->settings.strict && quality->grade != 'A');
}

#endif
