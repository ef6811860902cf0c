/* SPDX-License-Identifier: MIT */
/* view.h - the elements of a strided view, read one by one. */
#ifndef HEED_CHECKS_VIEW_H
#define HEED_CHECKS_VIEW_H

#include "reference.h"

/* One head of [batch][heads][rows][dim], dense and exact, to be freed by the caller. */
struct bounded *view_head(const heed_input *view, size_t b, size_t h, size_t heads, size_t rows,
                          size_t dim);

/* Rows [first, first + count) of it. */
struct bounded *view_rows(const heed_input *view, size_t b, size_t h, size_t heads, size_t rows,
                          size_t first, size_t count, size_t dim);

#endif
