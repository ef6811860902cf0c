/* SPDX-License-Identifier: MIT */
/* options.c - picks out what is ours and leaves the rest to Google Benchmark. */
#include "options.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffers.h"

const char options_help[] =
    "usage: heed-bench [options] [--benchmark_options]\n"
    "\n"
    "Times attention and its parts on every instruction set of this CPU, each rate\n"
    "with its ratio to the ceiling measured just before it.\n"
    "\n"
    "  --threads N        use N threads (default 1)\n"
    "  --cpu N            stay on core N, with --threads on as many cores from N on\n"
    "  --memory KIND      where tensors stand: huge (default), on huge pages; or malloc,\n"
    "                     on pages of 4 KiB and 16 bytes past a line, as programs have them\n"
    "  --list-workloads   print the named workloads as JSON and exit\n"
    "  --compare OLD NEW  hold a result of --report against an older one and exit:\n"
    "                     1 if something is slower (needs python3 with scipy)\n"
    "  --help             print this text and exit\n"
    "\n"
    "A standard suite, with all samples and their quality, into DIR/result.json:\n"
    "  --report DIR       writes it; progress and warnings go to stderr\n"
    "  --quick, --full    30 s or 20 minutes at most instead of 3 minutes\n"
    "  --threads 1,2,4    each of these numbers of threads\n"
    "  --memory KIND      huge or malloc, as above\n"
    "  --cpu N            stay on core N (default: the last of the fastest;\n"
    "                     big and little cores are measured one after the other)\n"
    "  --workloads A,B    only these; besides the named ones: sweeps, operations\n"
    "  --isa A,B          only these instruction sets\n"
    "  --types A,B        only these types of keys and values\n"
    "  --seed N           of the order of measurements, to repeat it\n"
    "  --strict           exit with 1 if the grade is below A\n"
    "\n"
    "Options of Google Benchmark that matter here:\n"
    "  --benchmark_filter=REGEX              cases to run, such as attention/.*/avx2\n"
    "  --benchmark_list_tests=true           names of all cases\n"
    "  --benchmark_repetitions=N             default 5; the table shows the median\n"
    "  --benchmark_min_time=SECONDS          of one repetition, default 0.1\n"
    "  --benchmark_enable_random_interleaving=true\n"
    "                                        spread the repetitions of a case over the run\n"
    "  --benchmark_format=json, --benchmark_out=FILE\n";

/* The value of `--name N` or `--name=N` at argv[*i], stepping over what it took; else NULL. */
static const char *value_of(const char *name, int argc, char **argv, int *i)
{
    const size_t length = strlen(name);

    if (strncmp(argv[*i], name, length) != 0)
        return NULL;
    if (argv[*i][length] == '=')
        return argv[*i] + length + 1;
    if (argv[*i][length] != '\0')
        return NULL;
    return *i + 1 < argc ? argv[++*i] : "";
}

static bool parse_count(const char *name, const char *text, size_t least, size_t *count)
{
    enum { MOST = 4096 };
    char *end;
    const unsigned long value = strtoul(text, &end, 10);

    *count = value;
    if (*text >= '0' && *text <= '9' && *end == '\0' && value >= least && value <= MOST)
        return true;
    fprintf(stderr, "heed-bench: %s wants a number from %zu to %d, not '%s'\n", name, least, MOST,
            text);
    return false;
}

static bool parse_memory(const char *text)
{
    if (buffers_use(text))
        return true;
    fprintf(stderr, "heed-bench: --memory wants huge or malloc, not '%s'\n", text);
    return false;
}

bool options_parse(struct options *options, int *argc, char **argv)
{
    int kept = 1;

    *options = (struct options){.threads = 1};
    for (int i = 1; i < *argc; i++) {
        const char *value;

        if ((value = value_of("--threads", *argc, argv, &i)) != NULL) {
            if (!parse_count("--threads", value, 1, &options->threads))
                return false;
        } else if ((value = value_of("--cpu", *argc, argv, &i)) != NULL) {
            if (!parse_count("--cpu", value, 0, &options->cpu))
                return false;
            options->pinned = true;
        } else if ((value = value_of("--memory", *argc, argv, &i)) != NULL) {
            if (!parse_memory(value))
                return false;
        } else if (strcmp(argv[i], "--list-workloads") == 0) {
            options->list_workloads = true;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            options->help = true;
        } else {
            argv[kept++] = argv[i];
        }
    }
    argv[ *argc = kept] = NULL;
    return true;
}
