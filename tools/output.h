/* SPDX-License-Identifier: MIT */
/* output.h - a file that is there whole or not at all. */
#ifndef HEED_TOOL_OUTPUT_H
#define HEED_TOOL_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

struct output {
    FILE *file;
    char *path;      /* where it shall be */
    char *temporary; /* where it grows; NULL: written in place, being no regular file */
};

/* Both: false after a complaint, with nothing left behind. */
bool output_begin(struct output *output, const char *path);
bool output_end(struct output *output);

#endif
