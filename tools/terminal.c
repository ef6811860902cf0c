/* SPDX-License-Identifier: MIT */
/* terminal.c - tables for a terminal, folded to its width. */
#include "terminal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system.h"
#include "utf8.h"

enum { INDENT = 2, LABEL_LIMIT = 24 };

bool terminal_colour(void)
{
    const char *forbidden = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(STDOUT_FILENO) && !(forbidden && *forbidden) && term && strcmp(term, "dumb");
}

static size_t terminal_width(void)
{
    const size_t columns = system_columns();

    return columns ? columns : 80;
}

void print_number(float value)
{
    const float size = fabsf(value);

    /* Four decimals while they say something and fit. */
    if (!isfinite(value) || size >= 1000 || (size > 0 && size < 0.0001f))
        printf("%*.1g", TABLE_CELL, value);
    else
        printf("%*.*f", TABLE_CELL, size >= 100 ? 2 : size >= 10 ? 3 : 4, value);
}

/* The text in `width` columns, cut with an ellipsis if it is longer. */
static void print_label(const char *text, size_t width, bool right)
{
    const size_t columns = utf8_columns(text);
    const size_t shown = columns <= width ? columns : width - 1;
    const size_t padding = columns <= width ? width - columns : 0;
    const char *end = text;

    for (size_t i = 0, size; i < shown; i++, end += size ? size : 1)
        size = utf8_size(end);
    if (right)
        printf("%*s", (int)padding, "");
    put_plain(stdout, text, (size_t)(end - text));
    if (columns > width)
        fputs("~", stdout);
    if (!right)
        printf("%*s", (int)padding, "");
}

static size_t label_width(const struct table *table)
{
    size_t width = 1;

    for (size_t r = 0; r < table->rows; r++) {
        const size_t columns = utf8_columns(table->row_label(table, r));

        width = columns > width ? columns : width;
    }
    return width < LABEL_LIMIT ? width : LABEL_LIMIT;
}

void table_print(const struct table *table)
{
    const size_t width = label_width(table), taken = INDENT + width + 1 + TABLE_CELL;
    const size_t room = terminal_width() > taken ? terminal_width() - taken : 0;
    const size_t panel = 1 + room / TABLE_CELL;

    for (size_t begin = 0; begin < table->cols; begin += panel) {
        const size_t end = begin + panel < table->cols ? begin + panel : table->cols;

        printf("%*s", (int)(INDENT + width + 1), "");
        for (size_t j = begin; j < end; j++) {
            putchar(' ');
            print_label(table->col_label(table, j), TABLE_CELL - 1, true);
        }
        putchar('\n');
        for (size_t r = 0; r < table->rows; r++) {
            printf("%*s", INDENT, "");
            print_label(table->row_label(table, r), width, false);
            putchar(' ');
            for (size_t j = begin; j < end; j++)
                table->cell(table, r, j);
            putchar('\n');
        }
        putchar('\n');
    }
}
