/* SPDX-License-Identifier: MIT */
/* buffers.h - memory for the benchmarks, and the numbers in it. */
#ifndef HEED_BENCH_BUFFERS_H
#define HEED_BENCH_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>

/* How the memory of all buffers stands. */
enum memory {
    MEMORY_HUGE,  /* on huge pages where the system grants them, aligned to one */
    MEMORY_MALLOC /* as large blocks of malloc() do: on pages of 4 KiB, 16 bytes past a line */
};

/* "huge", "malloc"; past the end NULL. */
const char *memory_name(size_t index);
/* Before the first buffer.  False: there is no memory of that name. */
bool buffers_use(const char *memory);
enum memory buffers_memory(void);

/* Zeroes on fresh pages.  Exits when there is no memory. */
float *buffer_new(size_t count);
void buffer_free(float *buffer);

/*
 * The first `count` numbers of one fixed sequence drawn from N(0,1).  All cases
 * share them: filling K and V of the largest anew for each run would take longer
 * than timing them.  Valid until a longer sequence is asked for.
 */
const float *normal_numbers(size_t count);

#endif
