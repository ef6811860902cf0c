/* SPDX-License-Identifier: MIT */
/* progress.c - what is measured, and how long it will take at most. */
#define _POSIX_C_SOURCE 200809L /* isatty */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "clock.h"

static double last;

void progress_show(const struct run *run, size_t process, double seconds_left)
{
    const struct setting *setting = &run->processes[process].plan.setting;
    const double now = clock_seconds(), rest = run->started + run->settings.budget_s - now;
    const double most = process + 1 == run->count ? seconds_left : rest;

    if (now - last < 0.25 || !isatty(STDERR_FILENO))
        return;
    last = now;
    fprintf(stderr, "\rheed-bench: %s, %zu thread%s%s%s (%zu of %zu), %.0f s left \033[K",
            heed_isa_name(setting->isa), setting->threads, setting->threads > 1 ? "s" : "",
            *setting->suffix ? " on cores " : "", *setting->suffix ? setting->suffix + 1 : "",
            process + 1, run->count, most > 0 ? most : 0);
}

void progress_clear(void)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}
