/* SPDX-License-Identifier: MIT */
/* fit.h - which items there is time and memory for. */
#ifndef HEED_BENCH_REPORT_FIT_H
#define HEED_BENCH_REPORT_FIT_H

#include "plan.h"

struct fit {
    bool fits, ceiling;
    char why[96];
    double seconds, bytes; /* estimated: of all that is done with the item, and of its memory */
    double call_s;
};

/* One for each item of the plan, to be freed. */
struct fit *fit_items(const struct plan *plan, double seconds, size_t rounds);

#endif
