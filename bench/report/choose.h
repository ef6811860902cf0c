/* SPDX-License-Identifier: MIT */
/* choose.h - a core to stay on, for those who did not name one. */
#ifndef HEED_BENCH_REPORT_CHOOSE_H
#define HEED_BENCH_REPORT_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The first of `threads` allowed cores in a row: the fastest where cores differ, and of
 * those the last, as interrupts and other programs prefer the first.  False: there are
 * none so many.
 */
bool choose_cpu(size_t threads, size_t *cpu);
/* Are the cores [cpu, cpu + threads) there and allowed? */
bool cpus_allowed(size_t cpu, size_t threads);

#endif
