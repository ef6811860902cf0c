/* SPDX-License-Identifier: MIT */
/* utf8.c - words from outside, made safe to print. */
#include "utf8.h"

#include <string.h>

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

size_t utf8_size(const char *at)
{
    const unsigned char *c = (const unsigned char *)at;
    const size_t size = c[0] < 0x80                    ? 1
                        : c[0] >= 0xc2 && c[0] <= 0xdf ? 2
                        : c[0] >= 0xe0 && c[0] <= 0xef ? 3
                        : c[0] >= 0xf0 && c[0] <= 0xf4 ? 4
                                                       : 0;

    for (size_t i = 1; i < size; i++) {
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    }
    /* Overlong forms, surrogates, and beyond U+10FFFF. */
    if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) ||
        (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f))
        return 0;
    return size;
}

size_t utf8_columns(const char *text)
{
    size_t columns = 0;

    for (size_t size; *text; text += size ? size : 1, columns++)
        size = utf8_size(text);
    return columns;
}

static int is_control(const char *at)
{
    const unsigned char *c = (const unsigned char *)at;

    return c[0] < ' ' || c[0] == 127 || (c[0] == 0xc2 && c[1] < 0xa0);
}

void put_plain(FILE *file, const char *text, size_t bytes)
{
    const char *end = text + bytes;

    for (size_t size; text < end; text += size ? size : 1) {
        size = utf8_size(text);
        if (!size || is_control(text))
            fputc('?', file);
        else
            fwrite(text, 1, size, file);
    }
}

void put_html(FILE *file, const char *text)
{
    for (size_t size; *text; text += size ? size : 1) {
        size = utf8_size(text);
        if (!size || is_control(text))
            fputs(replacement, file);
        else if (strchr("<>&\"'", *text))
            fprintf(file, "&#%d;", *text);
        else
            fwrite(text, 1, size, file);
    }
}

void put_json(FILE *file, const char *text)
{
    fputc('"', file);
    for (size_t size; *text; text += size ? size : 1) {
        size = utf8_size(text);
        if (!size)
            fputs(replacement, file);
        else if (*text == '"' || *text == '\\')
            fprintf(file, "\\%c", *text);
        else if (size == 1 && is_control(text))
            fprintf(file, "\\u%04x", *text);
        else
            fwrite(text, 1, size, file);
    }
    fputc('"', file);
}
