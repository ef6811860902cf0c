/* SPDX-License-Identifier: MIT */
/* cases.h - which calls of two libraries are compared. */
#ifndef HEED_BENCH_GATE_CASES_H
#define HEED_BENCH_GATE_CASES_H

#include "calls.h"

/* "<operation>/<type>/<what>", as heed-bench names them.  NULL past the end. */
const struct call_spec *gate_case_at(size_t index);

#endif
