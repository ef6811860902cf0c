/* SPDX-License-Identifier: MIT */
/* tensor.c - random layouts: each axis gets a stride, the memory is exactly the span. */
#include "tensor.h"

#include "half.h"

enum { ROW, HEAD, BATCH, AXES };

size_t shape_count(struct shape shape)
{
    return shape.batch * shape.heads * shape.rows * shape.dim;
}

static void shuffle(struct random *random, int axes[AXES])
{
    for (size_t i = AXES; i > 1; i--) {
        const size_t other = random_below(random, i);
        const int swapped = axes[other];

        axes[other] = axes[i - 1];
        axes[i - 1] = swapped;
    }
}

/*
 * Strides that nest the axes in random order; gaps hold NaN, so that using them shows.  An input
 * that is `strided` may also be one row that is repeated everywhere.
 */
static void draw_strides(struct random *random, const size_t extents[AXES], size_t dim, bool input,
                         bool strided, ptrdiff_t strides[AXES])
{
    int axes[AXES] = {ROW, HEAD, BATCH};
    ptrdiff_t step = (ptrdiff_t)dim;

    if (input && strided && random_once_in(random, 6)) {
        strides[ROW] = strides[HEAD] = strides[BATCH] = 0;
        return;
    }
    shuffle(random, axes);
    for (size_t i = 0; i < AXES; i++) {
        const size_t extent = extents[axes[i]];

        step += random_once_in(random, 3) ? (ptrdiff_t)random_below(random, 19) : 0;
        strides[axes[i]] = random_once_in(random, 4) ? -step : step;
        if (input && random_once_in(random, 8))
            strides[axes[i]] = 0;
        else
            step *= extent > 1 ? (ptrdiff_t)extent : 1;
    }
    /* All zero would mean densely packed, not repeated: let the rows differ. */
    if (!strided && !strides[ROW] && (extents[HEAD] < 2 || !strides[HEAD]) &&
        (extents[BATCH] < 2 || !strides[BATCH]))
        strides[ROW] = (ptrdiff_t)dim;
}

/* Allocates exactly what the strides can reach and finds element 0 in it. */
static void place(struct random *random, struct tensor *t)
{
    const size_t extents[AXES] = {t->shape.rows, t->shape.heads, t->shape.batch};
    const ptrdiff_t strides[AXES] = {t->row_stride, t->head_stride, t->batch_stride};
    ptrdiff_t low = 0, high = (ptrdiff_t)t->shape.dim;

    for (size_t i = 0; i < AXES; i++) {
        const ptrdiff_t reach = extents[i] ? (ptrdiff_t)(extents[i] - 1) * strides[i] : 0;

        low += reach < 0 ? reach : 0;
        high += reach > 0 ? reach : 0;
    }
    if (!shape_count(t->shape))
        low = high = 0;
    const ptrdiff_t size = (ptrdiff_t)dtype_size(t->dtype);

    t->memory = guarded_new((size_t)((high - low) * size), random_once_in(random, 2));
    t->first = t->memory.data - low * size;
}

struct tensor tensor_new(struct random *random, struct shape shape, heed_dtype dtype, bool input)
{
    const size_t extents[AXES] = {shape.rows, shape.heads, shape.batch};
    struct tensor tensor = {.shape = shape, .dtype = dtype, .input = input};
    ptrdiff_t strides[AXES];

    tensor.strided = random_once_in(random, 2);

    if (random_once_in(random, 4)) {
        tensor = tensor_packed(random, shape, dtype);
        tensor.input = input;
        return tensor;
    }
    draw_strides(random, extents, shape.dim, input, tensor.strided, strides);
    tensor.row_stride = strides[ROW];
    tensor.head_stride = strides[HEAD];
    tensor.batch_stride = strides[BATCH];
    place(random, &tensor);
    return tensor;
}

struct tensor tensor_packed(struct random *random, struct shape shape, heed_dtype dtype)
{
    struct tensor tensor = {.shape = shape, .dtype = dtype, .packed = true};

    tensor.row_stride = (ptrdiff_t)shape.dim;
    tensor.head_stride = (ptrdiff_t)shape.rows * tensor.row_stride;
    tensor.batch_stride = (ptrdiff_t)shape.heads * tensor.head_stride;
    place(random, &tensor);
    return tensor;
}

struct tensor tensor_columns(const struct tensor *whole, size_t first, size_t heads, size_t dim)
{
    struct tensor part = *whole;

    part.shape.heads = heads;
    part.shape.dim = dim;
    part.first = (char *)part.first + first * dtype_size(part.dtype);
    part.head_stride = (ptrdiff_t)dim;
    part.packed = false;
    part.strided = true;
    return part;
}

void *tensor_address(const struct tensor *tensor, size_t b, size_t h, size_t r, size_t d)
{
    const ptrdiff_t at = (ptrdiff_t)b * tensor->batch_stride + (ptrdiff_t)h * tensor->head_stride +
                         (ptrdiff_t)r * tensor->row_stride + (ptrdiff_t)d;

    return (char *)tensor->first + at * (ptrdiff_t)dtype_size(tensor->dtype);
}

float *tensor_at(const struct tensor *tensor, size_t b, size_t h, size_t r, size_t d)
{
    return tensor_address(tensor, b, h, r, d);
}

void tensor_fill(struct random *random, const struct tensor *tensor, float low, float high)
{
    for (size_t b = 0; b < tensor->shape.batch; b++)
        for (size_t h = 0; h < tensor->shape.heads; h++)
            for (size_t r = 0; r < tensor->shape.rows; r++)
                for (size_t d = 0; d < tensor->shape.dim; d++)
                    dtype_write(tensor->dtype, tensor_address(tensor, b, h, r, d),
                                (double)random_float(random, low, high));
}

heed_input tensor_input(const struct tensor *tensor)
{
    heed_input view = {.data = tensor->first, .dtype = tensor->dtype};

    if (!tensor->packed) {
        view.strided = tensor->strided;
        view.batch_stride = tensor->batch_stride;
        view.head_stride = tensor->head_stride;
        view.row_stride = tensor->row_stride;
    }
    return view;
}

heed_output tensor_output(const struct tensor *tensor)
{
    const heed_input view = tensor_input(tensor);

    return (heed_output){.data = tensor->first,
                         .dtype = view.dtype,
                         .strided = view.strided,
                         .batch_stride = view.batch_stride,
                         .head_stride = view.head_stride,
                         .row_stride = view.row_stride};
}
