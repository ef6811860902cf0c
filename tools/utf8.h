/* SPDX-License-Identifier: MIT */
/* utf8.h - words from outside, made safe to print. */
#ifndef HEED_TOOL_UTF8_H
#define HEED_TOOL_UTF8_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Bytes of the character at `at`; 0 if they are no valid UTF-8. */
size_t utf8_size(const char *at);

/* Terminal columns, taking each character for one wide. */
size_t utf8_columns(const char *text);

/* The first bytes to a terminal: control characters and invalid bytes become '?'. */
void put_plain(FILE *file, const char *text, size_t bytes);

/*
 * Into a message: as put_plain(), but characters that are not seen, or only on others, by their
 * numbers ("<U+FEFF>"): two words that look alike are then seen to differ.
 */
void put_visible(FILE *file, const char *text);

/* Bytes of white space at `at`, of Unicode's (U+00A0, U+3000, ...) too; 0 if there is none. */
size_t utf8_space_size(const char *at);

/* The character at `at`, of utf8_size() bytes. */
uint32_t utf8_code(const char *at, size_t size);

/* A mark on the character before it, or a letter of Hangul after the first: NFC composes them. */
bool utf8_is_mark(uint32_t code);

/* Into HTML or SVG, escaped. */
void put_html(FILE *file, const char *text);

/* Into a JSON string, escaped, with the quotes around it. */
void put_json(FILE *file, const char *text);

#endif
