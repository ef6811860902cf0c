/* SPDX-License-Identifier: MIT */
/*
 * library.h - a libheed.so opened by its name, beside another.
 *
 * This program is linked with no library of heed: library.c has the functions of heed.h that it
 * calls, and each hands on to the library that is in use.  So what makes workloads is the same
 * code for both.
 */
#ifndef HEED_BENCH_GATE_LIBRARY_H
#define HEED_BENCH_GATE_LIBRARY_H

#include <stdbool.h>

#include <heed/heed.h>

struct library;

/* NULL, with a line on stderr: it cannot be opened, or is no library of heed. */
struct library *library_open(const char *path);
/* Whose functions the calls after this one are. */
void library_use(const struct library *library);

#endif
