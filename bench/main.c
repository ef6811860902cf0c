/* SPDX-License-Identifier: MIT */
/* main.c - heed-bench: ceilings first, then everything that is held against them. */
#include <stdio.h>

#include "buffers.h"
#include "cases.h"
#include "compare.h"
#include "options.h"
#include "report/report.h"
#include "stopwatch.h"
#include "threads.h"
#include "workloads.h"

static void note_machine(const struct options *options)
{
    heed_cpu_info cpu;
    char threads[64];

    heed_cpu(&cpu, sizeof cpu);
    snprintf(threads, sizeof threads, "%zu%s%s", options->threads,
             options->threads > 1 ? " of " : "", options->threads > 1 ? threads_kind : "");
    gbench_note("heed_version", heed_version_string());
    gbench_note("cpu_brand", cpu.brand);
    gbench_note("cpu_clusters", cpu.clusters);
    gbench_note("threads", threads);
    gbench_note("memory", memory_name(buffers_memory()));
}

int main(int argc, char **argv)
{
    struct options options;

    if (compare_asked(argc, argv))
        return compare_main(argc, argv);
    if (report_asked(argc, argv))
        return report_main(argc, argv);
    if (!options_parse(&options, &argc, argv))
        return 2;
    if (options.help) {
        fputs(options_help, stdout);
        return 0;
    }
    if (options.list_workloads) {
        workload_list(stdout);
        return 0;
    }
    if (options.pinned && !threads_pin(options.cpu, options.threads)) {
        fprintf(stderr, "heed-bench: cannot stay on %zu cores from %zu on\n", options.threads,
                options.cpu);
        return 2;
    }
    note_machine(&options);
    stopwatch_set_threads(options.threads);
    add_cases(threads_start(options.threads));
    const int status = gbench_run(argc, argv);

    threads_stop();
    return status;
}
