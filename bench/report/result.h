/* SPDX-License-Identifier: MIT */
/* result.h - result.json: the only user of cJSON.  bench/schema.md says what it means. */
#ifndef HEED_BENCH_REPORT_RESULT_H
#define HEED_BENCH_REPORT_RESULT_H

#include <stdbool.h>

#include "quality.h"
#include "run.h"

/* Makes the directory if it is missing, and tries to write there; a line on stderr if not. */
bool result_prepare(const char *directory);
/* Replaces DIRECTORY/result.json in one step.  False, with a line on stderr: it could not. */
bool result_write(const struct run *run, const struct quality *quality);

#endif
