/* SPDX-License-Identifier: MIT */
/* number.c - decimal numbers in text. */
#include "number.h"

#include <math.h>
#include <stdlib.h>

static const char *digits_end(const char *at)
{
    while (*at >= '0' && *at <= '9')
        at++;
    return at;
}

const char *number_end(const char *at)
{
    at += *at == '+' || *at == '-';
    const char *end = digits_end(at);
    bool digits = end > at;

    if (*end == '.') {
        at = end + 1;
        end = digits_end(at);
        digits |= end > at;
    }
    if (!digits)
        return NULL;
    if (*end == 'e' || *end == 'E') {
        at = end + 1;
        at += *at == '+' || *at == '-';
        end = digits_end(at);
        if (end == at)
            return NULL;
    }
    return *end && !is_blank(*end) ? NULL : end;
}

bool number_parse(const char *text, float *value)
{
    const char *end = number_end(text);

    if (!end || *end)
        return false;
    *value = strtof(text, NULL);
    return isfinite(*value);
}
