/* SPDX-License-Identifier: MIT */
/* report_none.c - what --report says where it was not built. */
#include <stdio.h>
#include <string.h>

#include "report.h"

bool report_asked(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "--report", 8) == 0)
            return true;
    return false;
}

int report_main(int argc, char **argv)
{
    (void)argc, (void)argv;
    fprintf(stderr, "heed-bench: --report needs a build on Linux with libcjson-dev\n");
    return 2;
}
