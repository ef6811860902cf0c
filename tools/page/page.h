/* SPDX-License-Identifier: MIT */
/* page.h - the parts of the page that `heed attend --html` writes. */
#ifndef HEED_TOOL_PAGE_H
#define HEED_TOOL_PAGE_H

#include <stdio.h>

#include "steps.h"

/* The lines of page.css, put in by the build; NULL ends them. */
extern const char *const page_style[];

/* One row per query word, one column per key word, a number in each. */
void page_heat(const struct steps *steps, const struct matrix *m, FILE *file);

/* A card per query word: bars of its weights, a mark where the other normalisation puts them. */
void page_cards(const struct steps *steps, FILE *file);

/* A row per word (or query word), a column for each of the first dimensions. */
void page_vectors(const struct steps *steps, const char *caption, const struct matrix *m,
                  bool queries, FILE *file);

/* The value vectors in space with the contexts among them: an SVG element. */
void page_picture(const struct steps *steps, FILE *file);

#endif
