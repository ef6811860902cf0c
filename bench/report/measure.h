/* SPDX-License-Identifier: MIT */
/* measure.h - the child of a report: times the items of one process. */
#ifndef HEED_BENCH_REPORT_MEASURE_H
#define HEED_BENCH_REPORT_MEASURE_H

#include "plan.h"

/* Times the items in about so many seconds and writes records to a pipe.  False: no memory. */
bool measure(struct plan *plan, uint32_t process, double seconds, const struct settings *settings,
             bool times_hidden, int to);

#endif
