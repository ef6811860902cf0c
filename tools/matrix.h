/* SPDX-License-Identifier: MIT */
/* matrix.h - a dense matrix of floats that owns its memory. */
#ifndef HEED_TOOL_MATRIX_H
#define HEED_TOOL_MATRIX_H

#include <stdlib.h>

#include "tool.h"

struct matrix {
    size_t rows, cols;
    float *data;
};

static inline struct matrix matrix_new(size_t rows, size_t cols)
{
    if (cols && rows > SIZE_MAX / sizeof(float) / cols)
        exit(complain("a matrix of %zu x %zu numbers does not fit in memory", rows, cols));
    return (struct matrix){rows, cols, allocate(rows * cols, sizeof(float))};
}

static inline void matrix_free(struct matrix *m)
{
    free(m->data);
    *m = (struct matrix){0};
}

static inline float *matrix_row(const struct matrix *m, size_t row)
{
    return m->data + row * m->cols;
}

/* Views for the library: dense, one batch, one head. */
static inline heed_input matrix_in(const struct matrix *m)
{
    return (heed_input){.data = m->data, .dtype = HEED_F32};
}

static inline heed_output matrix_out(const struct matrix *m)
{
    return (heed_output){.data = m->data, .dtype = HEED_F32};
}

#endif
