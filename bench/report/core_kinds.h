/* SPDX-License-Identifier: MIT */
/* core_kinds.h - the kinds of cores of a machine: big and little ones, say. */
#ifndef HEED_BENCH_REPORT_CORE_KINDS_H
#define HEED_BENCH_REPORT_CORE_KINDS_H

#include <stdbool.h>
#include <stddef.h>

enum { MOST_CORE_KINDS = 8, MOST_CPUS = 1024 };

struct core_kind {
    size_t cpu, in_a_row;   /* the first that is allowed, and how many with its neighbours */
    size_t cpus;            /* allowed ones */
    unsigned long capacity; /* of 1024 for the biggest; 0: not known, as of all that follow */
    unsigned long max_khz;
    char midr[24]; /* "" */
};

/*
 * Cores of one kind have one MIDR and one capacity; where neither is known, highest clocks
 * that are within 15 %: favoured cores of one kind differ by less, kinds by more.  `sysfs`
 * is /sys/devices/system/cpu, or what a test puts in its place.  Returns how many there are.
 */
size_t core_kinds_find(const char *sysfs, struct core_kind kinds[MOST_CORE_KINDS]);

#endif
