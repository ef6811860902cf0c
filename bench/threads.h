/* SPDX-License-Identifier: MIT */
/* threads.h - the threads of --threads and the cores of --cpu. */
#ifndef HEED_BENCH_THREADS_H
#define HEED_BENCH_THREADS_H

#include <stdbool.h>

#include <heed/heed.h>

/* `count` threads, the caller's included, for the `parallel` member of any operation. */
heed_parallel threads_start(size_t count);
void threads_stop(void);
/* What they are made of: "libheed_pool" or "pthreads". */
extern const char threads_kind[];

/* Keeps this thread and those it starts on the cores [cpu, cpu + count).  False: refused. */
bool threads_pin(size_t cpu, size_t count);

#endif
