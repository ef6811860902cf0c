/* SPDX-License-Identifier: MIT */
/* child.h - the processes of a run: one for each instruction set and number of threads. */
#ifndef HEED_BENCH_REPORT_CHILD_H
#define HEED_BENCH_REPORT_CHILD_H

#include "run.h"

/* Ctrl-C and SIGTERM end the current process and are remembered. */
void child_catch_signals(void);
int child_signal(void); /* 0: none came */

/* Measures the items of one process in about so many seconds, and keeps what it tells. */
void child_run(struct run *run, size_t process, double seconds);

#endif
