/* SPDX-License-Identifier: MIT */
/* report.h - the steps of attention, shown in three ways. */
#ifndef HEED_TOOL_REPORT_H
#define HEED_TOOL_REPORT_H

#include <stdio.h>

#include "steps.h"

void report_text(const struct steps *steps);             /* for a person, on stdout */
void report_json(const struct steps *steps);             /* for a program, on stdout */
void report_html(const struct steps *steps, FILE *file); /* for a browser */

static inline const char *normalization_name(enum normalization n)
{
    return n == NORMALIZE_SUM ? "sum" : "softmax";
}

#endif
