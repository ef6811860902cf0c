/* SPDX-License-Identifier: MIT */
/* dimension.h - how many numbers belong to each word, by the first lines of a file without a
 * header. */
#ifndef HEED_TOOL_DIMENSION_H
#define HEED_TOOL_DIMENSION_H

#include <stddef.h>

#include "lines.h"

enum { OPENING_LINES = 64 };

/* The first lines of a file, kept until it is known how to read them. */
struct opening {
    size_t count;
    char *lines[OPENING_LINES];
    size_t numbers[OPENING_LINES]; /* of each line, from 1 */
};

/* Begins with a line already read and takes as many as there is room for, or a fault. */
void opening_read(struct opening *opening, const char *first, struct lines *lines,
                  struct fault *fault);
void opening_free(struct opening *opening);

/*
 * The number of numbers that most of the lines agree with, where a word may end in whole numbers;
 * 0 if no line has any.
 */
size_t opening_dimension(const struct opening *opening);

#endif
