/* SPDX-License-Identifier: MIT */
/* gbench.h - the slice of Google Benchmark that heed-bench uses, in C.  See gbench.cc. */
#ifndef HEED_BENCH_GBENCH_H
#define HEED_BENCH_GBENCH_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gbench; /* one run of one case: Google Benchmark makes several, with more iterations each */
typedef void gbench_case(struct gbench *bench, void *argument);

/* Keeps a copy of the argument's `size` bytes, which every run of the case is given. */
void gbench_add(const char *name, gbench_case *run, const void *argument, size_t size);
/* Calls call(argument) as often as this run wants; returns the seconds of one by the stopwatch. */
double gbench_time(struct gbench *bench, void (*call)(void *), void *argument);
void gbench_counter(struct gbench *bench, const char *name, double value);
/* Gives the case up.  A skip is no fault; after a failure gbench_run() returns 1. */
void gbench_skip(struct gbench *bench, const char *why);
void gbench_fail(struct gbench *bench, const char *why);

/* A line for the head of the report. */
void gbench_note(const char *key, const char *value);

/* Runs the cases that the --benchmark_... options choose; returns the exit status. */
int gbench_run(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
