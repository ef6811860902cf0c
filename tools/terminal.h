/* SPDX-License-Identifier: MIT */
/* terminal.h - tables for a terminal, folded to its width. */
#ifndef HEED_TOOL_TERMINAL_H
#define HEED_TOOL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Colours, if stdout is a terminal and NO_COLOR (no-color.org) does not forbid them. */
bool terminal_colour(void);

enum { TABLE_CELL = 8 }; /* "  0.1234" */

struct table {
    size_t rows, cols;
    const char *(*row_label)(const struct table *table, size_t row);
    const char *(*col_label)(const struct table *table, size_t col);
    void (*cell)(const struct table *table, size_t row, size_t col); /* TABLE_CELL columns */
    const void *context;
};

void table_print(const struct table *table);

/* A number within TABLE_CELL columns. */
void print_number(float value);

#endif
