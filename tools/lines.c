/* SPDX-License-Identifier: MIT */
/* lines.c - the lines of a text stream, in bounded memory. */
#include "lines.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

void fault_set(struct fault *fault, size_t line, const char *format, ...)
{
    va_list arguments;

    fault->line = line;
    va_start(arguments, format);
    vsnprintf(fault->reason, sizeof fault->reason, format, arguments);
    va_end(arguments);
}

int fault_complain(const struct fault *fault, const char *path)
{
    if (fault->line)
        return complain("%s:%zu: %s", path, fault->line, fault->reason);
    return complain("%s: %s", path, fault->reason);
}

void lines_begin(struct lines *lines, FILE *file)
{
    *lines = (struct lines){.file = file, .buffer = allocate(LINE_LIMIT + 1, 1)};
}

void lines_free(struct lines *lines)
{
    free(lines->buffer);
}

static bool refill(struct lines *lines, struct fault *fault)
{
    lines->end -= lines->begin;
    memmove(lines->buffer, lines->buffer + lines->begin, lines->end);
    lines->begin = 0;
    if (lines->end == LINE_LIMIT) {
        fault_set(fault, lines->number + 1, "a line of more than %d bytes", LINE_LIMIT);
        return false;
    }
    const size_t got = fread(lines->buffer + lines->end, 1, LINE_LIMIT - lines->end, lines->file);
    lines->end += got;
    lines->bytes += got;
    lines->at_end = !got;
    if (ferror(lines->file)) {
        fault_set(fault, 0, "cannot read: %s", strerror(errno));
        return false;
    }
    return true;
}

char *lines_next(struct lines *lines, struct fault *fault)
{
    char *line, *end;

    while (!(end = memchr(lines->buffer + lines->begin, '\n', lines->end - lines->begin)) &&
           !lines->at_end) {
        if (!refill(lines, fault))
            return NULL;
    }
    if (!end && lines->begin == lines->end)
        return NULL;
    line = lines->buffer + lines->begin;
    if (!end)
        end = lines->buffer + lines->end; /* the last line has no newline */
    lines->begin = (size_t)(end - lines->buffer) + (end < lines->buffer + lines->end);
    lines->number++;
    if (memchr(line, '\0', (size_t)(end - line))) {
        fault_set(fault, lines->number, "a zero byte: this is not a text file");
        return NULL;
    }
    *end = '\0';
    if (end > line && end[-1] == '\r')
        end[-1] = '\0';
    return line;
}
