/* SPDX-License-Identifier: MIT */
/* number.c - decimal numbers in text. */
#include "number.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static bool is_name(const char *text, size_t size, const char *name)
{
    size_t i = 0;

    while (i < size && name[i] && tolower((unsigned char)text[i]) == name[i])
        i++;
    return i == size && !name[i];
}

const char *number_fault(const char *field)
{
    const char *sign = field + (*field == '+' || *field == '-'), *end = field_end(field);
    const size_t size = (size_t)(end - field), letters = (size_t)(end - sign);
    char copy[64];

    if (is_name(sign, letters, "nan") || is_name(sign, letters, "inf") ||
        is_name(sign, letters, "infinity"))
        return "is not a finite number";
    if (size && size < sizeof copy) {
        memcpy(copy, field, size);
        copy[size] = '\0';
        copy[strcspn(copy, ",")] = '.'; /* the zero at the end, where there is no comma */
        copy[size] = '\0';
        if (number_end(copy))
            return "is not a number: its decimal comma has to be a point";
    }
    return "is not a number";
}

bool number_parse(const char *text, float *value)
{
    const char *end = number_end(text);

    if (!end || *end)
        return false;
    *value = strtof(text, NULL);
    return isfinite(*value);
}
