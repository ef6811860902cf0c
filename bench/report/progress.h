/* SPDX-License-Identifier: MIT */
/* progress.h - a line on stderr, where that is a terminal. */
#ifndef HEED_BENCH_REPORT_PROGRESS_H
#define HEED_BENCH_REPORT_PROGRESS_H

#include "run.h"

/* Seconds are those that the current process has left; those after it are added. */
void progress_show(const struct run *run, size_t process, double seconds_left);
void progress_clear(void);

#endif
