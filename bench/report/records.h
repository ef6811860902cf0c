/* SPDX-License-Identifier: MIT */
/* records.h - the parent's end of the pipe. */
#ifndef HEED_BENCH_REPORT_RECORDS_H
#define HEED_BENCH_REPORT_RECORDS_H

#include "run.h"

/* Keeps what the process tells until it ends or a signal comes. */
void records_read(struct run *run, size_t process, int from);

#endif
