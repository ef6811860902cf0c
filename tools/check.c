/* SPDX-License-Identifier: MIT */
/* check.c - `heed check`: every kernel against the double-precision reference. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "tool.h"

static const char usage[] =
    "Usage: heed check [OPTION...]\n"
    "\n"
    "Verifies every operation of every instruction set that runs natively here\n"
    "against double precision, over random problems.  Exits 1 if one is wrong.\n"
    "\n"
    "  --isa NAME   only this instruction set\n"
    "  --isa all    also the emulated ones; those that cannot run are listed\n"
    "  --help       print this\n";

/* Any would do; fixed, so that a failure on one machine can be repeated on another. */
static const uint64_t seed = 1;

struct tally {
    unsigned passed, failed;
};

static void check_isa(const heed_isa *isa, struct tally *tally)
{
    for (size_t i = 0; check_at(i); i++) {
        char detail[512] = "";
        const bool good = check_at(i)->run(isa, seed, detail, sizeof detail);

        printf("%-10s  %-20s  %s%s%s\n", heed_isa_name(isa), check_at(i)->operation,
               good ? "passed" : "FAILED", good ? "" : ": ", good ? "" : detail);
        fflush(stdout); /* under an emulator one line can take a while */
        *(good ? &tally->passed : &tally->failed) += 1;
    }
}

static void check_all(bool emulated, struct tally *tally)
{
    for (size_t i = 0; heed_isa_at(i); i++) {
        const heed_isa *isa = heed_isa_at(i);

        if (!heed_isa_supported(isa))
            printf("%-10s  skipped: this CPU lacks it\n", heed_isa_name(isa));
        else if (!emulated && heed_isa_emulated(isa))
            printf("%-10s  skipped: emulated here (--isa all runs it)\n", heed_isa_name(isa));
        else
            check_isa(isa, tally);
    }
}

/* False if the command ends here, with its exit status in *result. */
static bool parse(int argc, char **argv, const char **name, int *result)
{
    static const struct option long_options[] = {
        {"isa", required_argument, NULL, 'i'}, {"help", no_argument, NULL, 'h'}, {0}};

    *result = EXIT_BAD_INPUT;
    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(usage, stdout);
            *result = finish_output();
            return false;
        }
        if (option != 'i')
            return false; /* getopt_long() has said why */
        *name = optarg;
    }
    if (argv[optind])
        complain("unexpected \"%s\"", argv[optind]);
    return !argv[optind];
}

int check_command(int argc, char **argv)
{
    struct tally tally = {0};
    const char *name = NULL;
    int result;

    if (!parse(argc, argv, &name, &result))
        return result;
    if (!name || !strcmp(name, "all")) {
        check_all(name != NULL, &tally);
    } else {
        const heed_isa *isa = isa_choose(name);

        if (!isa)
            return EXIT_BAD_INPUT;
        check_isa(isa, &tally);
    }
    printf("%u passed, %u failed\n", tally.passed, tally.failed);
    result = finish_output();
    return result ? result : tally.failed ? EXIT_FOUND_WRONG : EXIT_SUCCESS;
}
