/* SPDX-License-Identifier: MIT */
/* view.c - the address rule of the public header, and nothing clever. */
#include "view.h"

#include <stdlib.h>
#include <string.h>

#include "half.h"

struct bounded *view_head(const heed_input *view, size_t b, size_t h, size_t heads, size_t rows,
                          size_t dim)
{
    struct bounded *head = calloc(rows * dim + 1, sizeof *head), *next = head;
    ptrdiff_t batch_stride = view->batch_stride, head_stride = view->head_stride;
    ptrdiff_t row_stride = view->row_stride;

    if (!view->strided && !batch_stride && !head_stride && !row_stride) {
        row_stride = (ptrdiff_t)dim;
        head_stride = (ptrdiff_t)(rows * dim);
        batch_stride = (ptrdiff_t)(heads * rows * dim);
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t d = 0; d < dim; d++)
            (next++)->value = dtype_read(
                view->dtype, (const char *)view->data +
                                 ((ptrdiff_t)b * batch_stride + (ptrdiff_t)h * head_stride +
                                  (ptrdiff_t)r * row_stride + (ptrdiff_t)d) *
                                     (ptrdiff_t)dtype_size(view->dtype));
    return head;
}

struct bounded *view_rows(const heed_input *view, size_t b, size_t h, size_t heads, size_t rows,
                          size_t first, size_t count, size_t dim)
{
    struct bounded *all = view_head(view, b, h, heads, rows, dim);

    memmove(all, all + first * dim, count * dim * sizeof *all);
    return all;
}
