/* SPDX-License-Identifier: MIT */
/* quality.c - the grade: A without any reason against it. */
#include "quality.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../buffers.h"
#include "marks.h"
#include "roof.h"

/* Two figures of A differ where 1 % lies between them, of B where 3 % do. */
static const double resolution_a = 0.01, resolution_b = 0.03;
static const double marked_a = 0.1, marked_b = 0.4; /* shares of all rounds */
enum { LEAST_KEPT = 5 };

__attribute__((format(printf, 3, 4))) static void hold_against(struct quality *q, char grade,
                                                               const char *format, ...)
{
    va_list arguments;

    if (grade > q->grade)
        q->grade = grade;
    if (q->reason_count == MOST_LINES)
        return;
    va_start(arguments, format);
    vsnprintf(q->reasons[q->reason_count++], LINE_SIZE, format, arguments);
    va_end(arguments);
}

static void suggest(struct quality *q, const char *command)
{
    if (q->command_count < MOST_COMMANDS)
        snprintf(q->commands[q->command_count++], LINE_SIZE, "%s", command);
}

/* What the rounds of all cases come to. */
struct tally {
    size_t rounds, marked, by[MARKS], cases, poor, none;
    double slowest[MOST_CORE_KINDS], fastest[MOST_CORE_KINDS]; /* clocks */
};

static void tally_series(struct tally *t, const struct series *series, size_t kind)
{
    const size_t kept = series_kept(series);

    t->cases++;
    t->poor += kept < LEAST_KEPT;
    t->none += kept == 0;
    for (size_t i = 0; i < series->count; i++) {
        const struct round *r = &series->rounds[i];

        t->rounds++;
        t->marked += r->marks != 0;
        for (size_t bit = 0; bit < MARKS; bit++)
            t->by[bit] += r->marks >> bit & 1;
        if (r->marks == 0) {
            t->slowest[kind] = fmin(t->slowest[kind], r->clock_before);
            t->fastest[kind] = fmax(t->fastest[kind], r->clock_before);
        }
    }
}

static struct tally tally_run(const struct run *run)
{
    struct tally t = {.rounds = 0};

    for (size_t kind = 0; kind < MOST_CORE_KINDS; kind++)
        t.slowest[kind] = INFINITY;
    for (size_t p = 0; p < run->count; p++)
        for (size_t i = 0; i < run->processes[p].plan.count; i++)
            if (run->processes[p].series[i].count > 0)
                tally_series(&t, &run->processes[p].series[i],
                             run->processes[p].plan.setting.core_kind);
    return t;
}

static double find_resolution(const struct run *run)
{
    double largest = NAN;

    for (size_t p = 0; p < run->count; p++) {
        for (size_t i = 0; i < run->processes[p].plan.count; i++) {
            const struct series *again = &run->processes[p].series[i], *first;
            const char *twin = run->processes[p].plan.items[i].repeat_of;

            if (*twin == '\0' || again->count == 0 || !run_find(run, twin, &first))
                continue;
            const double ratio = series_seconds(again, 0).median / series_seconds(first, 0).median;

            largest = fmax(fabs(ratio - 1), isnan(largest) ? 0 : largest);
        }
    }
    return largest;
}

static void judge_resolution(struct quality *q)
{
    if (isnan(q->resolution))
        hold_against(q, 'C', "no case was measured twice: the resolution is not known");
    else if (q->resolution > resolution_a)
        hold_against(q, q->resolution > resolution_b ? 'C' : 'B',
                     "the same kernel measured twice differs by %.1f %%", 100 * q->resolution);
}

static void judge_marks(struct quality *q, const struct tally *t)
{
    const double marked = t->rounds ? (double)t->marked / (double)t->rounds : 0;

    if (marked > marked_a)
        hold_against(
            q, marked > marked_b ? 'C' : 'B',
            "%.0f %% of the rounds are marked: %zu clock, %zu switch, %zu steal, %zu fault",
            100 * marked, t->by[0], t->by[1], t->by[2], t->by[3]);
    if (t->none)
        hold_against(q, 'C', "every round of %zu of %zu cases is marked: their medians are of all",
                     t->none, t->cases);
    if (t->poor > t->none)
        hold_against(q, 'B', "%zu of %zu cases have fewer than %d clean rounds", t->poor - t->none,
                     t->cases, LEAST_KEPT);
    for (size_t kind = 0; kind < MOST_CORE_KINDS; kind++)
        if (t->fastest[kind] > 1.05 * t->slowest[kind])
            hold_against(q, 'B', "the clock moved between %.2f and %.2f GHz",
                         1e-9 * t->slowest[kind], 1e-9 * t->fastest[kind]);
}

/* Then the clock that was measured is not the one that the loops ran at. */
static void judge_roofs(struct quality *q, const struct run *run)
{
    size_t above = 0;

    for (size_t p = 0; p < run->count; p++)
        for (size_t i = 0; i < run->processes[p].plan.count; i++)
            above += run->processes[p].plan.items[i].ceiling &&
                     run->processes[p].series[i].count > 0 &&
                     roof_of(run, &run->processes[p], i).above;
    if (above)
        hold_against(q, 'C', "%zu roofs are higher than theory allows", above);
}

static void judge_machine(struct quality *q, const struct run *run)
{
    const struct machine *m = &run->machine;

    if (*m->emulation)
        hold_against(q, 'C', "emulated by %s: its times would say nothing and are left out",
                     m->emulation);
    if (*m->governor && strcmp(m->governor, "performance") != 0) {
        hold_against(q, 'B', "the governor is %s, not performance", m->governor);
        suggest(q, "sudo cpupower frequency-set -g performance");
    }
    if (strcmp(m->huge_pages, "never") == 0 && buffers_memory() == MEMORY_HUGE) {
        hold_against(q, 'B', "there are no huge pages");
        suggest(q, "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled");
    }
    if (strcmp(HEED_BENCH_BUILD_TYPE, "Release") != 0)
        hold_against(q, 'C', "built as %s, not Release",
                     *HEED_BENCH_BUILD_TYPE ? HEED_BENCH_BUILD_TYPE : "nothing in particular");
    if (!run->complete)
        hold_against(q, 'C', "it was interrupted");
}

static void suggest_quiet(struct quality *q, const struct run *run, const struct tally *t)
{
    char line[LINE_SIZE];

    if (t->by[0] * 20 > t->rounds && run->machine.turbo == 1)
        suggest(q, strstr(run->machine.cpu.brand, "Intel")
                       ? "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"
                       : "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost");
    if (t->by[1] * 20 > t->rounds) {
        snprintf(
            line, sizeof line,
            "ps -eLo psr,pcpu,comm --sort=-pcpu | head  # what else runs; core %zu is measured",
            run->settings.cpu);
        suggest(q, line);
    }
    if (t->marked * 10 > t->rounds && t->by[1] > 0) {
        snprintf(line, sizeof line, "sudo chrt --fifo 1 heed-bench --report DIR --cpu %zu",
                 run->settings.cpu);
        suggest(q, line);
    }
}

struct quality quality_of(const struct run *run)
{
    struct quality q = {.grade = 'A', .resolution = find_resolution(run)};
    const struct tally t = tally_run(run);

    judge_machine(&q, run);
    if (!*run->machine.emulation) {
        judge_resolution(&q);
        judge_marks(&q, &t);
        judge_roofs(&q, run);
        suggest_quiet(&q, run, &t);
    }
    return q;
}
