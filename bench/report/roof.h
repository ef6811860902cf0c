/* SPDX-License-Identifier: MIT */
/* roof.h - a measured ceiling beside what theory allows. */
#ifndef HEED_BENCH_REPORT_ROOF_H
#define HEED_BENCH_REPORT_ROOF_H

#include "run.h"

struct roof {
    struct summary rate; /* of the rounds that count */
    double theory;       /* at the clock of these rounds; 0: not known */
    char formula[128];   /* of it, "" without one */
    bool above;          /* by more than 2 %, which no loop can be */
};

struct roof roof_of(const struct run *run, const struct process *process, size_t index);

#endif
