/* SPDX-License-Identifier: MIT */
/* primitives.h - the operations that attention is made of, all called the same way. */
#ifndef HEED_BENCH_PRIMITIVES_H
#define HEED_BENCH_PRIMITIVES_H

#include <stdbool.h>

#include <heed/heed.h>

/* The products take this many rows against `length` keys, values or inputs of this many dims. */
enum { PRODUCT_ROWS = 16, PRODUCT_DIM = 64 };

/* The others take as many rows as make 64 KiB, which with the output stay in any L2. */
enum { ELEMENTS = 16384 };

/* Inputs and one output for any operation. */
struct operands {
    const heed_isa *isa;
    heed_parallel parallel;
    size_t length;
    const float *left, *right; /* right: of the products, and the angles of rope */
    float *result;
};

struct primitive {
    const char *name;
    heed_status (*run)(const struct operands *on);
    bool product; /* counted in FLOP, not in elements */
};

/* NULL past the end. */
const struct primitive *primitive_at(size_t index);

/* FLOP of a product, elements of the others. */
double primitive_work(const struct primitive *primitive, size_t length);
/* How many numbers the result has. */
size_t primitive_results(const struct primitive *primitive, size_t length);
/* As problem_check() in problem.h: some of the results, which are finite, against double. */
bool primitive_check(const struct primitive *primitive, const struct operands *on,
                     double *max_error, double *bound, char *why, size_t why_size);

#endif
