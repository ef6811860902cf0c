/* SPDX-License-Identifier: MIT */
/* pages.h - memory on pages of a chosen size. */
#ifndef HEED_BENCH_REPORT_PAGES_H
#define HEED_BENCH_REPORT_PAGES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Touched zeroes on small pages, or on huge ones, of which the kernel grants what it
 * likes: NULL if less than half of them are as asked for, or there is no memory.
 * Aligned to 2 MiB.
 */
float *pages_new(size_t bytes, bool huge);
void pages_free(float *pages);

#endif
