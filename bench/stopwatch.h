/* SPDX-License-Identifier: MIT */
/* stopwatch.h - the clock that rates and ceilings are measured by. */
#ifndef HEED_BENCH_STOPWATCH_H
#define HEED_BENCH_STOPWATCH_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Seconds since some moment: of this thread's own time if it works alone, so that
 * others who take the core in turn do not count; else of real time.
 */
double stopwatch_seconds(void);
void stopwatch_set_threads(size_t threads);

#ifdef __cplusplus
}
#endif
#endif
