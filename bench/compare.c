/* SPDX-License-Identifier: MIT */
/* compare.c - runs heed-report --compare: the statistics are SciPy's, and so it is Python. */
#define _POSIX_C_SOURCE 200809L /* execvp */
#include "compare.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 16 }; /* arguments that heed-report could want */

bool compare_asked(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--compare") == 0)
            return true;
    return false;
}

/* Each returns only if there is no such program. */
static void try_python(char *python, char **arguments)
{
    arguments[0] = python;
    execvp(python, arguments);
}

int compare_main(int argc, char **argv)
{
    static char script[] = HEED_REPORT, known[] = HEED_REPORT_PYTHON, usual[] = "python3";
    static char installed[] = "heed-report";
    char *arguments[MOST + 2] = {NULL};

    if (argc > MOST) {
        fprintf(stderr, "heed-bench: --compare wants two results, not %d arguments\n", argc - 2);
        return 2;
    }
    arguments[1] = script;
    memcpy(arguments + 2, argv + 1, (size_t)(argc - 1) * sizeof *argv);
    if (access(script, R_OK) == 0) {
        try_python(known, arguments);
        try_python(usual, arguments);
    } else { /* the source tree has moved: as a command, it has no place of the script before it */
        arguments[1] = installed;
        execvp(installed, arguments + 1);
    }
    fprintf(stderr, "heed-bench: --compare needs python3 with scipy and the command heed-report\n");
    return 2;
}
