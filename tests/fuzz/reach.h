/* SPDX-License-Identifier: MIT */
/*
 * reach.h - does a view lie within the memory of the samples?  Read: within sample_numbers,
 * written: within sample_output.
 */
#ifndef HEED_FUZZ_REACH_H
#define HEED_FUZZ_REACH_H

#include "sample_views.h"

/* Numbers of a view, or scores of a call, that take a fuzzer little time. */
enum { MOST_WORK = 1 << 20 };

bool little_work(size_t batch, size_t heads, size_t q_rows, size_t kv_rows);
bool view_within_memory(const struct sample_view *view);

#endif
