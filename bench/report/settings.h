/* SPDX-License-Identifier: MIT */
/* settings.h - the command line of heed-bench --report. */
#ifndef HEED_BENCH_REPORT_SETTINGS_H
#define HEED_BENCH_REPORT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core_kinds.h"

enum suite { SUITE_QUICK, SUITE_DEFAULT, SUITE_FULL };

enum { MOST_THREAD_COUNTS = 16 };

struct settings {
    const char *directory;
    enum suite suite;
    bool custom; /* narrowed, or with another budget: not one of the standard suites */
    double budget_s;
    uint64_t seed;
    size_t cpu;
    bool pinned, strict;
    const char *sysfs;                            /* /sys/devices/system/cpu, but in tests */
    struct core_kind core_kinds[MOST_CORE_KINDS]; /* each measured in turn, if there are */
    size_t core_kind_count;                       /* several; else 0 */
    size_t threads[MOST_THREAD_COUNTS], thread_counts;
    const char *workloads, *isas, *types; /* lists with commas between names; NULL: all */
    int argc;
    char **argv; /* as given */
};

/* False, with a line on stderr: the exit status is 2. */
bool settings_parse(struct settings *settings, int argc, char **argv);
/* Is the name in a list with commas between names?  A NULL list has every name. */
bool list_has(const char *list, const char *name);

extern const char *const suite_names[]; /* by enum suite */

#endif
