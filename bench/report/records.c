/* SPDX-License-Identifier: MIT */
/* records.c - rounds and verdicts as they come, so that an interrupted run has them too. */
#define _POSIX_C_SOURCE 200809L /* read */
#include "records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "progress.h"

static void keep_round(struct series *series, const struct round *round)
{
    if (series->count == series->capacity) {
        series->capacity = series->capacity ? 2 * series->capacity : 16;
        series->rounds = realloc(series->rounds, series->capacity * sizeof *series->rounds);
        if (!series->rounds)
            exit(1);
    }
    series->rounds[series->count++] = *round;
}

static void keep(struct run *run, struct process *process, const struct record *record,
                 uint32_t first_order)
{
    struct series *series = &process->series[record->item];
    struct round round = record->round;

    if (record->what == RECORD_VERDICT) {
        series->judged = true;
        series->right = record->right;
        series->absent = record->absent;
        series->max_error = record->max_error;
        series->error_bound = record->error_bound;
        series->work = record->work;
        memcpy(series->why, record->why, sizeof series->why);
        run->failed |= !record->right && !record->absent;
    } else if (record->what == RECORD_ROUND) {
        round.order += first_order;
        keep_round(series, &round);
    } else if (record->what == RECORD_END) {
        process->ended = true;
    }
}

static size_t count_rounds(const struct run *run)
{
    size_t count = 0;

    for (size_t p = 0; p < run->count; p++)
        for (size_t i = 0; i < run->processes[p].plan.count; i++)
            count += run->processes[p].series[i].count;
    return count;
}

void records_read(struct run *run, size_t index, int from)
{
    struct process *process = &run->processes[index];
    const uint32_t first_order = (uint32_t)count_rounds(run);
    struct record record;
    ssize_t size;

    while (!child_signal() && (size = read(from, &record, sizeof record)) != 0) {
        if (size < 0 && errno == EINTR)
            continue;
        if (size != (ssize_t)sizeof record || record.item >= process->plan.count)
            break;
        if (record.what == RECORD_PROGRESS)
            progress_show(run, index, record.seconds_left);
        else
            keep(run, process, &record, first_order);
    }
}
