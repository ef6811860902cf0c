/* SPDX-License-Identifier: MIT */
/* number.h - decimal numbers in text. */
#ifndef HEED_TOOL_NUMBER_H
#define HEED_TOOL_NUMBER_H

#include <stdbool.h>

/* Blanks within a line.  Not isspace(): words may hold other white space. */
static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static inline const char *skip_blanks(const char *at)
{
    while (is_blank(*at))
        at++;
    return at;
}

/* The end of the field that begins at `at`. */
static inline const char *field_end(const char *at)
{
    while (*at && !is_blank(*at))
        at++;
    return at;
}

/*
 * The end of the decimal number that fills the field at `at`; NULL if it holds
 * anything else (strtof() would take "nan" and "0x1p3", and is 20 times slower).
 */
const char *number_end(const char *at);

/* What is wrong with a field that is no number: "is not a number", and more where that is known. */
const char *number_fault(const char *field);

/* Reads a whole string as one finite float. */
bool number_parse(const char *text, float *value);

#endif
