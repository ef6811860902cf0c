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

uint32_t utf8_code(const char *at, size_t size)
{
    const unsigned char *c = (const unsigned char *)at;
    uint32_t code = size < 2 ? c[0] : c[0] & (0x7fu >> size);

    for (size_t i = 1; i < size; i++)
        code = code << 6 | (c[i] & 0x3f);
    return code;
}

/* Ranges of characters, ends included. */
struct range {
    uint32_t first, last;
};

static bool is_within(uint32_t code, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    }
    return false;
}

#define IS_WITHIN(code, ranges) is_within(code, ranges, sizeof(ranges) / sizeof *(ranges))

size_t utf8_space_size(const char *at)
{
    static const struct range spaces[] = {
        {0x09, 0x0d},     {0x20, 0x20},     {0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680},
        {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000},
    };
    const size_t size = utf8_size(at);

    return size && IS_WITHIN(utf8_code(at, size), spaces) ? size : 0;
}

bool utf8_is_mark(uint32_t code)
{
    static const struct range marks[] = {{0x300, 0x36f}, {0x1160, 0x11ff}, {0x3099, 0x309a}};

    return IS_WITHIN(code, marks);
}

/* What a reader does not see, or takes for a blank. */
static bool is_unseen(uint32_t code)
{
    static const struct range unseen[] = {
        {0xa0, 0xa0},     {0xad, 0xad},       {0x34f, 0x34f},   {0x61c, 0x61c},   {0x115f, 0x1160},
        {0x1680, 0x1680}, {0x180b, 0x180e},   {0x2000, 0x200f}, {0x2028, 0x202f}, {0x205f, 0x206f},
        {0x3000, 0x3000}, {0x3164, 0x3164},   {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0},
        {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
    };

    return IS_WITHIN(code, unseen);
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

void put_visible(FILE *file, const char *text)
{
    for (size_t size; *text; text += size ? size : 1) {
        size = utf8_size(text);
        const uint32_t code = utf8_code(text, size);

        if (size && (is_unseen(code) || utf8_is_mark(code)))
            fprintf(file, "<U+%04X>", (unsigned)code);
        else
            put_plain(file, text, size ? size : 1);
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
