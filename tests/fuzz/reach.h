/* SPDX-License-Identifier: MIT */
/*
 * reach.h - does a view lie within the memory of the samples?  Read: within sample_numbers,
 * written: within sample_output.
 */
#ifndef HEED_FUZZ_REACH_H
#define HEED_FUZZ_REACH_H

#include <stdbool.h>
#include <stddef.h>

#include <heed/heed.h>

/* Numbers of a view, or scores of one head, that take a fuzzer little time. */
enum { MOST_WORK = 1 << 20 };

bool little_work(size_t q_rows, size_t kv_rows);

bool reads(const heed_input *view, size_t batch, size_t heads, size_t rows, size_t dim);
bool writes(const heed_output *view, size_t batch, size_t heads, size_t rows, size_t dim);
bool reads_if_any(const heed_input *view, size_t batch, size_t heads, size_t rows, size_t dim);
bool writes_if_any(const heed_output *view, size_t batch, size_t heads, size_t rows, size_t dim);

/* One matrix, or one per batch: the strides that its operation does not use are ignored. */
bool reads_matrix(const heed_input *view, size_t batch, size_t rows, size_t dim);
bool writes_matrix(const heed_output *view, size_t batch, size_t rows, size_t dim);
/* One row, if any. */
bool reads_bias(const heed_input *view, size_t dim);

#endif
