/* SPDX-License-Identifier: MIT */
/* suite.h - what the suites measure: workloads, types, lengths and seconds. */
#ifndef HEED_BENCH_REPORT_SUITE_H
#define HEED_BENCH_REPORT_SUITE_H

#include <stdbool.h>
#include <stddef.h>

#include <heed/heed.h>

#include "../workloads.h"
#include "settings.h"

struct suite_type {
    const char *name;
    heed_dtype type, q_type; /* of K and V, and of queries */
};

const struct suite_type *suite_type_at(size_t index); /* NULL past the end */
const char *suite_dtype_name(heed_dtype type);

/* Is the workload measured with this type, and (f32 only) with packed keys or by peers? */
bool suite_has_workload(const struct settings *settings, const char *workload, heed_dtype type);
bool suite_has_more(const struct settings *settings, const struct workload *w);
/*
 * Are there "sweeps" or "operations" with so many threads?  Beside the first number of
 * threads the shorter suites have the named workloads only.
 */
bool suite_has_part(const struct settings *settings, const char *part, size_t threads);

/* Query rows, lengths of prefill, lengths of rows of single operations; 0 past the end. */
size_t suite_rows(enum suite suite, size_t index);
size_t suite_prefill(enum suite suite, size_t index);
size_t suite_length(enum suite suite, size_t index);

double suite_seconds(enum suite suite);

#endif
