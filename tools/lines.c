/* SPDX-License-Identifier: MIT */
/* lines.c - the lines of a text stream, in bounded memory. */
#include "lines.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
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
    *lines = (struct lines){.file = file, .buffer = allocate(LINE_LIMIT + 1, 1), .ending = '\n'};
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

/* Looks at how the file begins; false if it is no text. */
static bool begin(struct lines *lines, struct fault *fault)
{
    static const char mark[] = "\xef\xbb\xbf"; /* U+FEFF in UTF-8 */

    lines->begun = true;
    if (!refill(lines, fault))
        return false;
    const char *refusal = format_refusal(lines->buffer, lines->end);
    if (refusal)
        fault_set(fault, 0, "%s", refusal);
    if (lines->end >= 3 && !memcmp(lines->buffer, mark, 3))
        lines->begin = 3;
    if (!memchr(lines->buffer, '\n', lines->end) && memchr(lines->buffer, '\r', lines->end))
        lines->ending = '\r';
    return !refusal;
}

const char *lines_ahead(const struct lines *lines, size_t *size)
{
    *size = lines->end - lines->begin;
    return lines->buffer + lines->begin;
}

char *lines_next(struct lines *lines, struct fault *fault)
{
    char *line, *end;

    if (!lines->begun && !begin(lines, fault))
        return NULL;
    while (
        !(end = memchr(lines->buffer + lines->begin, lines->ending, lines->end - lines->begin)) &&
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
        fault_set(fault, lines->number, "a zero byte: this is not text in UTF-8");
        return NULL;
    }
    *end = '\0';
    while (end > line && end[-1] == '\r')
        *--end = '\0';
    return line;
}
