/* SPDX-License-Identifier: MIT */
/* compare.h - heed-bench --compare old.json new.json. */
#ifndef HEED_BENCH_COMPARE_H
#define HEED_BENCH_COMPARE_H

#include <stdbool.h>

bool compare_asked(int argc, char **argv);
/* Becomes heed-report, which compares; returns only if it cannot, with the exit status. */
int compare_main(int argc, char **argv);

#endif
