/* SPDX-License-Identifier: MIT */
/* tensor.h - tensors in guarded memory, laid out in every way a view can describe. */
#ifndef HEED_CHECKS_TENSOR_H
#define HEED_CHECKS_TENSOR_H

#include <heed/heed.h>

#include "guarded.h"
#include "random.h"

struct shape {
    size_t batch, heads, rows, dim;
};

struct tensor {
    struct shape shape;
    struct guarded memory;
    heed_dtype dtype;
    void *first; /* element [0][0][0][0] */
    ptrdiff_t batch_stride, head_stride, row_stride;
    bool packed;  /* the view is handed over with all strides zero */
    bool strided; /* else: it is said that they are to be taken as they stand */
    bool input;
};

/* Axes in random order with gaps and negative strides; an input may also repeat along axes. */
struct tensor tensor_new(struct random *random, struct shape shape, heed_dtype dtype, bool input);
/* Densely packed, all strides zero. */
struct tensor tensor_packed(struct random *random, struct shape shape, heed_dtype dtype);
/* Columns [first, first + heads dim) of a tensor with one head, as heads side by side. */
struct tensor tensor_columns(const struct tensor *whole, size_t first, size_t heads, size_t dim);

void *tensor_address(const struct tensor *tensor, size_t b, size_t h, size_t r, size_t d);
/* The same, of a tensor of f32. */
float *tensor_at(const struct tensor *tensor, size_t b, size_t h, size_t r, size_t d);
void tensor_fill(struct random *random, const struct tensor *tensor, float low, float high);
size_t shape_count(struct shape shape);

heed_input tensor_input(const struct tensor *tensor);
heed_output tensor_output(const struct tensor *tensor);

#endif
