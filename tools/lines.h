/* SPDX-License-Identifier: MIT */
/* lines.h - the lines of a text stream, in bounded memory. */
#ifndef HEED_TOOL_LINES_H
#define HEED_TOOL_LINES_H

#include <stdbool.h>
#include <stdio.h>

/* 1 MiB: room for some 80,000 numbers, and a binary file is refused early. */
enum { LINE_LIMIT = 1 << 20 };

/* What is wrong with a file; line 0 when it is not one line's fault. */
struct fault {
    size_t line;
    char reason[512];
};

struct lines {
    FILE *file;
    char *buffer;
    size_t begin, end;        /* what of the buffer is not handed out yet */
    size_t number;            /* of the line handed out last, from 1 */
    unsigned long long bytes; /* read so far */
    bool at_end, begun;
    char ending; /* of lines: '\n', or '\r' where the first buffer has no other */
};

void lines_begin(struct lines *lines, FILE *file);
void lines_free(struct lines *lines);

/* What is read already of the lines to come. */
const char *lines_ahead(const struct lines *lines, size_t *size);

/*
 * The next line without its end (LF, CRLF, or CR alone), until the next call; NULL at the end or
 * with *fault filled.  A byte order mark before the first one is left out.
 */
char *lines_next(struct lines *lines, struct fault *fault);

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void fault_set(struct fault *fault, size_t line, const char *format, ...);

/* Complains about a file; returns EXIT_BAD_INPUT. */
int fault_complain(const struct fault *fault, const char *path);

#endif
