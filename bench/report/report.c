/* SPDX-License-Identifier: MIT */
/* report.c - the parent: one process after the other, then the figures. */
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "choose.h"
#include "clock.h"
#include "page_hint.h"
#include "progress.h"
#include "quality.h"
#include "result.h"

static bool fail_cpu(const struct settings *s, size_t threads)
{
    if (s->pinned)
        fprintf(stderr, "heed-bench: cannot stay on %zu core%s from %zu on\n", threads,
                threads > 1 ? "s" : "", s->cpu);
    else
        fprintf(stderr, "heed-bench: --threads %zu: there are not so many cores in a row\n",
                threads);
    return false;
}

/* Where cores differ, each kind is measured, with as many threads as it has cores in a row. */
static bool place_on_kinds(struct settings *s, size_t most)
{
    size_t widest = 0;

    s->core_kind_count = core_kinds_find(s->sysfs, s->core_kinds);
    for (size_t i = 0; i < s->core_kind_count; i++)
        widest = s->core_kinds[i].in_a_row > widest ? s->core_kinds[i].in_a_row : widest;
    if (s->core_kind_count < 2 || widest < most) {
        s->core_kind_count = 0;
        return false;
    }
    s->cpu = s->core_kinds[0].cpu;
    return true;
}

static bool place(struct settings *s)
{
    size_t most = 1;

    for (size_t i = 0; i < s->thread_counts; i++)
        most = s->threads[i] > most ? s->threads[i] : most;
    if (s->pinned ? cpus_allowed(s->cpu, most)
                  : place_on_kinds(s, most) || choose_cpu(most, &s->cpu))
        return true;
    return fail_cpu(s, most);
}

static bool prepare(struct run *run)
{
    struct setting setting;

    while (plan_setting(&run->settings, run->count, &setting))
        run->count++;
    if (run->count == 0) {
        fprintf(stderr, "heed-bench: none of the instruction sets '%s' runs here\n",
                run->settings.isas);
        return false;
    }
    run->processes = calloc(run->count, sizeof *run->processes);
    for (size_t i = 0; run->processes && i < run->count; i++) {
        struct process *p = &run->processes[i];

        plan_setting(&run->settings, i, &setting);
        plan_make(&p->plan, &run->settings, &setting);
        p->series = calloc(p->plan.count, sizeof *p->series);
        if (!p->series)
            return false;
    }
    machine_describe(&run->machine, run->settings.cpu);
    return run->processes != NULL;
}

static bool save(struct run *run, struct quality *quality)
{
    run->duration_s = clock_seconds() - run->started;
    *quality = quality_of(run);
    return result_write(run, quality);
}

/*
 * What is left of the time goes to what is left of the processes, in equal parts; those
 * after one that was late get half of their part at least.
 */
static bool measure_all(struct run *run, struct quality *quality)
{
    const double least = run->settings.budget_s / (2 * (double)run->count);

    for (size_t i = 0; i < run->count && !child_signal(); i++) {
        const double left = run->started + run->settings.budget_s - clock_seconds();

        child_run(run, i, fmax(left / (double)(run->count - i), least));
        run->done = i + 1;
        run->complete = run->done == run->count && !child_signal();
        progress_clear();
        if (!save(run, quality))
            return false;
    }
    return true;
}

/* On stderr, as are all words: stdout is for data. */
static void say(const struct run *run, const struct quality *q)
{
    fprintf(stderr, "heed-bench: %s/result.json, %.0f s, grade %c", run->settings.directory,
            run->duration_s, q->grade);
    if (isfinite(q->resolution))
        fprintf(stderr, ", resolution %.1f %%", 100 * q->resolution);
    fputc('\n', stderr);
    for (size_t i = 0; i < q->reason_count; i++)
        fprintf(stderr, "  %s\n", q->reasons[i]);
    if (q->command_count)
        fprintf(stderr, "What would help:\n");
    for (size_t i = 0; i < q->command_count; i++)
        fprintf(stderr, "  %s\n", q->commands[i]);
}

static void say_wrong(const struct run *run)
{
    for (size_t p = 0; p < run->count; p++) {
        const struct process *process = &run->processes[p];

        if (*process->why && !child_signal())
            fprintf(stderr, "heed-bench: %s: %s\n", heed_isa_name(process->plan.setting.isa),
                    process->why);
        for (size_t i = 0; i < process->plan.count; i++)
            if (process->series[i].judged && !process->series[i].right &&
                !process->series[i].absent)
                fprintf(stderr, "heed-bench: %s: %s\n", process->plan.items[i].id,
                        process->series[i].why);
    }
}

static void release(struct run *run)
{
    for (size_t p = 0; run->processes && p < run->count; p++) {
        for (size_t i = 0; run->processes[p].series && i < run->processes[p].plan.count; i++)
            free(run->processes[p].series[i].rounds);
        free(run->processes[p].series);
        plan_free(&run->processes[p].plan);
    }
    free(run->processes);
}

static int report(struct run *run)
{
    enum { INTERRUPTED = 128 };
    struct quality quality;

    if (!place(&run->settings) || !prepare(run) || !result_prepare(run->settings.directory))
        return 2;
    child_catch_signals();
    run->started = clock_seconds();
    if (!measure_all(run, &quality))
        return 2;
    if (child_signal() && run->done == 0 && !save(run, &quality))
        return 2;
    say(run, &quality);
    say_wrong(run);
    if (!child_signal())
        page_hint(run->settings.directory);
    if (child_signal())
        return INTERRUPTED + child_signal();
    return quality_status(&quality, run);
}

bool report_asked(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--report") == 0 || strncmp(argv[i], "--report=", 9) == 0)
            return true;
    return false;
}

int report_main(int argc, char **argv)
{
    struct run run = {.created = time(NULL)};

    if (!settings_parse(&run.settings, argc, argv))
        return 2;
    const int status = report(&run);

    release(&run);
    return status;
}
