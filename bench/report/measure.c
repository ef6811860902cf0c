/* SPDX-License-Identifier: MIT */
/*
 * measure.c - rounds of all items, in a new random order each time.
 *
 * All items are ready at once, so that neighbours in time are strangers: what a burst or
 * a drift of the clock does is spread over all of them.
 */
#define _POSIX_C_SOURCE 200809L /* write */
#include "measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../buffers.h"
#include "clock.h"
#include "fit.h"
#include "marks.h"
#include "random.h"
#include "record.h"
#include "timing.h"

/* Fewer rounds than this make no median. */
enum { LEAST_ROUNDS = 5 };

struct measurement {
    struct plan *plan;
    struct timing *timing; /* of each item */
    uint32_t process, order;
    int to;           /* the pipe */
    double end, late; /* on clock_seconds(): no second round, and no first one, after it */
    size_t wanted, passes;
};

static void tell(const struct measurement *m, const struct record *record)
{
    if (write(m->to, record, sizeof *record) != (ssize_t)sizeof *record)
        _exit(1); /* the parent is gone */
}

/* Opens an item, checks its result, tells what came of it. */
static void prepare(struct measurement *m, uint32_t index, bool times_hidden)
{
    struct item *item = &m->plan->items[index];
    struct verdict verdict = {.max_error = NAN, .error_bound = NAN};

    item->kind->open(item, &m->plan->setting, &verdict);
    struct record record = {.what = RECORD_VERDICT,
                            .item = index,
                            .right = verdict.right,
                            .absent = verdict.absent,
                            .max_error = verdict.max_error,
                            .error_bound = verdict.error_bound,
                            .work = item->work[item->rate_of]};

    memcpy(record.why, verdict.why, sizeof record.why);
    tell(m, &record);
    if (!verdict.right || times_hidden)
        return;
    timing_calibrate(&m->timing[index], item);
}

static void measure_round(struct measurement *m, uint32_t index)
{
    struct timing *t = &m->timing[index];
    struct record record = {
        .what = RECORD_ROUND, .item = index, .round = {.order = m->order++, .process = m->process}};

    timing_round(t, &m->plan->items[index], &record.round);
    tell(m, &record);
}

/* Enough clean rounds, or so many that the machine has no more of them to give. */
static bool is_done(const struct timing *t, size_t wanted)
{
    return !t->ready || t->kept >= wanted || t->rounds >= 4 * wanted;
}

static void shuffle(uint32_t *order, size_t count, uint64_t *state)
{
    for (size_t i = count; i > 1; i--) {
        const size_t j = random_below(state, i);
        const uint32_t kept = order[i - 1];

        order[i - 1] = order[j];
        order[j] = kept;
    }
}

/* One round of every item that wants one.  False: all have enough, or the time is up. */
static bool pass(struct measurement *m, uint32_t *order, uint64_t *state)
{
    const size_t count = m->plan->count;
    const double end = m->passes++ == 0 ? m->late : m->end;
    bool wanted = false;

    shuffle(order, count, state);
    for (size_t i = 0; i < count; i++) {
        const struct timing *t = &m->timing[order[i]];

        if (is_done(t, m->wanted))
            continue;
        if (clock_seconds() + t->call_s * (double)t->calls > end)
            return false;
        measure_round(m, order[i]);
        wanted = true;
        tell(m,
             &(struct record){.what = RECORD_PROGRESS, .seconds_left = m->end - clock_seconds()});
    }
    return wanted;
}

static void reserve_numbers(const struct plan *plan, const struct fit *fits)
{
    size_t most = 1 << 16;

    for (size_t i = 0; i < plan->count; i++)
        if (fits[i].fits && plan->items[i].numbers > most)
            most = plan->items[i].numbers;
    (void)normal_numbers(most); /* now, as a longer sequence would stand elsewhere */
}

static void leave_out(const struct measurement *m, uint32_t index, const char *why)
{
    struct record record = {.what = RECORD_VERDICT, .item = index, .absent = true};

    snprintf(record.why, sizeof record.why, "%s", why);
    tell(m, &record);
}

/* On a machine that others keep busy this takes longer than was estimated. */
static void prepare_all(struct measurement *m, bool hidden)
{
    const double now = clock_seconds();
    struct fit *fits = fit_items(m->plan, m->end - now, hidden ? 0 : LEAST_ROUNDS);

    reserve_numbers(m->plan, fits);
    for (uint32_t i = 0; i < m->plan->count; i++) {
        if (!fits[i].fits)
            leave_out(m, i, fits[i].why);
        else if (!hidden && clock_seconds() > m->end)
            leave_out(m, i, "there was no time left to prepare it");
        else
            prepare(m, i, hidden);
        tell(m,
             &(struct record){.what = RECORD_PROGRESS, .seconds_left = m->end - clock_seconds()});
    }
    free(fits);
}

bool measure(struct plan *plan, uint32_t process, double seconds, const struct settings *settings,
             bool times_hidden, int to)
{
    static const size_t wanted[] = {11, 15, 31};
    struct measurement m = {.plan = plan,
                            .timing = calloc(plan->count, sizeof *m.timing),
                            .process = process,
                            .to = to,
                            .end = clock_seconds() + seconds,
                            .late = clock_seconds() + 2 * seconds,
                            .wanted = wanted[settings->suite]};
    uint32_t *order = calloc(plan->count, sizeof *order);
    uint64_t state = settings->seed + process; /* neighbouring starts are independent */

    if (!m.timing || !order)
        return false;
    events_start(plan->setting.threads, plan->setting.cpu);
    for (uint32_t i = 0; i < plan->count; i++)
        order[i] = i;
    prepare_all(&m, times_hidden);
    while (pass(&m, order, &state))
        continue;
    tell(&m, &(struct record){.what = RECORD_END});
    for (size_t i = 0; i < plan->count; i++)
        if (plan->items[i].state)
            plan->items[i].kind->close(plan->items[i].state);
    free(order);
    free(m.timing);
    return true;
}
