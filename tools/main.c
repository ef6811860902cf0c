/* SPDX-License-Identifier: MIT */
/* main.c - the command `heed`: finds the subcommand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system.h"
#include "tool.h"

static const char usage[] =
    "Usage: heed COMMAND [OPTION...]\n"
    "\n"
    "Exact attention on CPUs.\n"
    "\n"
    "Commands:\n"
    "  attend [SENTENCE]   show self-attention on a sentence, step by step\n"
    "  info                show the CPU, its caches and the instruction sets\n"
    "  check               verify every kernel against double precision\n"
    "\n"
    "  heed COMMAND --help   the options of one command\n"
    "  heed --version        the version of the library\n"
    "\n"
    "The environment variable HEED_ISA names the instruction set to use by default.\n";

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {{"attend", attend_command}, {"info", info_command}, {"check", check_command}};

int main(int argc, char **argv)
{
    system_begin();
    if (argc < 2) {
        fputs(usage, stderr);
        return EXIT_BAD_INPUT;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        fputs(usage, stdout);
        return finish_output();
    }
    if (!strcmp(argv[1], "--version")) {
        printf("heed %s\n", heed_version_string());
        return finish_output();
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (!strcmp(argv[1], commands[i].name)) {
            argv[1] = "heed"; /* getopt begins its messages with it */
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    return complain("unknown command \"%s\"; there are attend, info and check", argv[1]);
}
