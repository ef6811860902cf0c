/* SPDX-License-Identifier: MIT */
/* report.h - heed-bench --report: a standard suite, with all samples, into result.json. */
#ifndef HEED_BENCH_REPORT_REPORT_H
#define HEED_BENCH_REPORT_REPORT_H

#include <stdbool.h>

/* Do the arguments ask for a report? */
bool report_asked(int argc, char **argv);
/* Returns the exit status: 0, 1 a wrong result or --strict, 2 bad options, 130 Ctrl-C. */
int report_main(int argc, char **argv);

#endif
