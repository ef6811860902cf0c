/* SPDX-License-Identifier: MIT */
/* timing.c - calls between two looks at the clock of the core and at the kernel's counters. */
#include "timing.h"

#include <math.h>

#include "../stopwatch.h"
#include "clock.h"
#include "marks.h"

/* A round is long beside reading the watch (0.3 us), short beside a slice of the scheduler. */
static const double round_seconds = 2e-3, beside_seconds = 1e-3;
/* Where a call takes longer than this its first moments do not count. */
static const double warm_seconds = 1e-2;

static double time_calls(const struct item *item, size_t calls)
{
    const double start = stopwatch_seconds();

    for (size_t i = 0; i < calls; i++)
        item->kind->call(item->state);
    return stopwatch_seconds() - start;
}

static struct ceiling *ceiling_beside(const struct item *item)
{
    return item->kind->beside ? item->kind->beside(item->state) : NULL;
}

void timing_calibrate(struct timing *timing, const struct item *item)
{
    struct ceiling *beside = ceiling_beside(item);
    double seconds = time_calls(item, 1);
    size_t calls = 1;

    for (; seconds < round_seconds / 8; calls *= 2)
        seconds = time_calls(item, 2 * calls);
    timing->call_s = seconds / (double)calls;
    timing->calls = (size_t)ceil(round_seconds / timing->call_s);
    if (beside)
        ceiling_lengthen(beside, beside_seconds);
    timing->ready = true;
}

static double beside_rate(const struct item *item)
{
    struct ceiling *c = ceiling_beside(item);

    if (!c)
        return NAN;
    const double start = stopwatch_seconds();

    ceiling_run(c);
    return c->work / (stopwatch_seconds() - start);
}

void timing_round(struct timing *t, const struct item *item, struct round *r)
{
    r->calls = (uint32_t)t->calls;
    r->ceiling = beside_rate(item);
    if (t->call_s < warm_seconds)
        (void)time_calls(item, 1);
    r->clock_before = clock_hertz();
    const struct events before = events_now();

    r->seconds = time_calls(item, t->calls) / (double)t->calls;
    const struct events after = events_now();

    r->clock_after = clock_hertz();
    r->marks = marks_between(before, after, r->clock_before, r->clock_after);
    t->rounds++;
    t->kept += r->marks == 0;
}
