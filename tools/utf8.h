/* SPDX-License-Identifier: MIT */
/* utf8.h - words from outside, made safe to print. */
#ifndef HEED_TOOL_UTF8_H
#define HEED_TOOL_UTF8_H

#include <stdio.h>

/* Bytes of the character at `at`; 0 if they are no valid UTF-8. */
size_t utf8_size(const char *at);

/* Terminal columns, taking each character for one wide. */
size_t utf8_columns(const char *text);

/* The first bytes to a terminal: control characters and invalid bytes become '?'. */
void put_plain(FILE *file, const char *text, size_t bytes);

/* Into HTML or SVG, escaped. */
void put_html(FILE *file, const char *text);

/* Into a JSON string, escaped, with the quotes around it. */
void put_json(FILE *file, const char *text);

#endif
