/* SPDX-License-Identifier: MIT */
/*
 * fit.c - estimates from the FMA rate, before memory is spent on what cannot be timed.
 *
 * Rough on purpose: an item that was wrongly let in costs rounds, not a wrong figure.
 */
#define _POSIX_C_SOURCE 200809L /* sysconf */
#include "fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../stopwatch.h"
#include "clock.h"
#include "half.h"

/* Attention reaches 40 % of the FMA rate and more; slow memory gives 5e9 bytes a second. */
static double call_seconds(const struct item *item, double fma)
{
    const double arithmetic = item->work[WORK_FLOP] / (0.4 * fma);
    const double memory = item->work[WORK_BYTES] / 5e9;

    return arithmetic > memory ? arithmetic : memory;
}

/* Seconds of this thread's own time for rounding a number to 16 bits by its definition. */
static double rounding_seconds(void)
{
    enum { TRIES = 20000 };
    uint16_t stored;
    const double start = stopwatch_seconds();

    for (int i = 0; i < TRIES; i++)
        dtype_write(HEED_F16, &stored, 0.37 * i);
    return (stopwatch_seconds() - start) / TRIES;
}

/* FMAs per second, and how much longer everything takes because others run here too. */
static double fma_rate(const struct setting *setting, double *crowd)
{
    struct ceiling fma =
        ceiling_fma(ceiling_unit_find(heed_isa_name(setting->isa)), setting->parallel);

    ceiling_lengthen(&fma, 2e-2);
    const double start = stopwatch_seconds(), real = clock_seconds();

    ceiling_run(&fma);
    const double seconds = stopwatch_seconds() - start;

    *crowd = fmax(1, (clock_seconds() - real) / seconds);
    return fma.work / seconds;
}

static void estimate(struct fit *fit, const struct item *item, double fma, double rounding,
                     size_t rounds)
{
    const struct workload *w = &item->shape;
    const double q = (double)(w->batch * w->q_heads * w->q_rows * w->dim);
    const double kv = (double)item->numbers - q;
    const bool half = dtype_size(item->type) < sizeof(float);
    /* What stands around the calls of a round: the ceiling, the clock, a warm-up. */
    const double around = 2e-3, least = 2e-3;

    fit->fits = true;
    fit->ceiling = item->ceiling;
    fit->call_s = call_seconds(item, fma);
    fit->seconds = 2 * fit->call_s + (half ? 2 * kv * rounding : 0) +
                   (double)rounds * (around + (fit->call_s > least ? fit->call_s : least));
    /* Drawing the numbers serves all, but the longest sequences are drawn for few. */
    if (item->numbers > (size_t)1 << 24)
        fit->seconds += (double)item->numbers * 4e-8;
    fit->bytes = 2 * sizeof(float) * q + (half ? 6 * kv : item->packed ? 4 * kv : 0);
    if (item->ceiling) {
        fit->bytes = 0;
        fit->seconds += (double)item->length * 1e-9; /* touching the pages */
    }
}

/*
 * A rate says nothing without its ceiling: one from memory, which costs more than the others,
 * may cost four times what a case does before it goes.
 */
static double dearness(const struct fit *fit, bool by_memory)
{
    const double usual = 0.03; /* seconds of a short case or ceiling */

    if (by_memory)
        return fit->bytes;
    return fit->ceiling ? fmin(fit->seconds, fmax(fit->seconds / 4, usual)) : fit->seconds;
}

/* Leaves the dearest out until the rest fits. */
static void leave_out(struct fit *fits, size_t count, double limit, bool by_memory)
{
    for (;;) {
        double sum = 0;
        size_t dearest = count;

        for (size_t i = 0; i < count; i++) {
            if (!fits[i].fits)
                continue;
            sum += by_memory ? fits[i].bytes : fits[i].seconds;
            if (dearest == count ||
                dearness(&fits[i], by_memory) > dearness(&fits[dearest], by_memory))
                dearest = i;
        }
        if (sum <= limit || dearest == count)
            return;
        fits[dearest].fits = false;
        if (by_memory)
            snprintf(fits[dearest].why, sizeof fits->why, "takes %.0f MiB: too much memory",
                     fits[dearest].bytes / 0x1p20);
        else
            snprintf(fits[dearest].why, sizeof fits->why,
                     "takes about %.2g s: does not fit the time of this run",
                     fits[dearest].seconds);
    }
}

struct fit *fit_items(const struct plan *plan, double seconds, size_t rounds)
{
    double crowd;
    const double fma = fma_rate(&plan->setting, &crowd);
    const double rounding = rounding_seconds();
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    struct fit *fits = calloc(plan->count, sizeof *fits);

    if (!fits)
        exit(1);
    for (size_t i = 0; i < plan->count; i++)
        estimate(&fits[i], &plan->items[i], fma, rounding, rounds);
    if (pages > 0 && page > 0)
        leave_out(fits, plan->count, (double)pages * (double)page / 4, true);
    leave_out(fits, plan->count, 0.7 * seconds / crowd, false);
    return fits;
}
