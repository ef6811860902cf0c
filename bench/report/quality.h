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

#endif
