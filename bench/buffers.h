/* SPDX-License-Identifier: MIT */
/* buffers.h - memory for the benchmarks, and the numbers in it. */
#ifndef HEED_BENCH_BUFFERS_H
#define HEED_BENCH_BUFFERS_H

#include <stddef.h>

/* Zeroes on fresh pages, huge ones where the system grants them.  Exits when there is no memory. */
float *buffer_new(size_t count);
void buffer_free(float *buffer);

/*
 * The first `count` numbers of one fixed sequence drawn from N(0,1).  All cases
 * share them: filling K and V of the largest anew for each run would take longer
 * than timing them.  Valid until a longer sequence is asked for.
 */
const float *normal_numbers(size_t count);

#endif
