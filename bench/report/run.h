/* SPDX-License-Identifier: MIT */
/* run.h - everything that a run has found so far. */
#ifndef HEED_BENCH_REPORT_RUN_H
#define HEED_BENCH_REPORT_RUN_H

#include <time.h>

#include "machine.h"
#include "plan.h"
#include "record.h"
#include "settings.h"
#include "statistics.h"

/* The rounds of one item. */
struct series {
    struct round *rounds;
    size_t count, capacity;
    bool judged, right, absent;
    double max_error, error_bound, work;
    char why[96];
};

struct process {
    struct plan plan;
    struct series *series; /* of each item */
    bool ended;            /* it said so itself */
    char why[96];          /* how it ended, where it did not */
};

struct run {
    struct settings settings;
    struct machine machine;
    struct process *processes;
    size_t count, done;
    time_t created;
    double started, duration_s;
    bool interrupted, failed, complete;
};

/* As the cores of a setting see it. */
struct machine run_machine(const struct run *run, const struct setting *setting);
/* Seconds per call of the rounds without marks, or of all where every one has them. */
size_t series_kept(const struct series *series);
struct summary series_seconds(const struct series *series, uint64_t seed);
/* The median of what each round reached of the ceiling beside it; NAN: none. */
double series_of_ceiling(const struct series *series, double work);
/* The item with that id and rounds in any process, with its series; NULL: none. */
const struct item *run_find(const struct run *run, const char *id, const struct series **series);

#endif
