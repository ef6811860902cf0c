/* SPDX-License-Identifier: MIT */
/* options.h - the command line of heed-bench, as far as it is not Google Benchmark's. */
#ifndef HEED_BENCH_OPTIONS_H
#define HEED_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct options {
    size_t threads; /* 1 unless given */
    size_t cpu;     /* the first core to stay on */
    bool pinned, list_workloads, help;
};

/* Takes its options out of argv.  False, with a line on stderr: a value makes no sense. */
bool options_parse(struct options *options, int *argc, char **argv);

extern const char options_help[];

#endif
