/* SPDX-License-Identifier: MIT */
/* expect.h - the figures of the example sentence as inputs, and what to expect of them. */
#ifndef HEED_TESTS_EXAMPLE_EXPECT_H
#define HEED_TESTS_EXAMPLE_EXPECT_H

#include <math.h>
#include <stdbool.h>

#include "example_sentence.h" /* written from data/example_sentence.json */
#include "isa_test.h"

enum { TOKENS = 6, DIM = 3, PROJECTED = 2 };

/* The figures were published in f32 with four decimals, of weights with four decimals. */
static const double published_tolerance = 1.5e-4;
/*
 * A few roundings of 2^-24 = 6e-8 each: six terms at most in a sum, and scores up
 * to 1.3, so that an exponent is off by less than 2e-7.
 */
static const double exact_tolerance = 1e-6;

#define COUNT(matrix) (sizeof(matrix) / sizeof(double))
#define PUBLISHED(name, got)                                                                       \
    expect_near(#name, got, published_##name, COUNT(published_##name), false)
#define EXACT(name, got) expect_near(#name, got, exact_##name, COUNT(exact_##name), true)

static inline void expect_near(const char *name, const float *got, const double *want, size_t count,
                               bool exact)
{
    for (size_t i = 0; i < count; i++) {
        const double bound = exact ? exact_tolerance * fabs(want[i]) : published_tolerance;

        cr_expect(fabs((double)got[i] - want[i]) <= bound, "%s %s, element %zu: %.9g, not %.9g",
                  exact ? "exact" : "published", name, i, (double)got[i], want[i]);
    }
}

/* The figures as f32, as a dense input. */
static inline heed_input input_of(const double *numbers, size_t count, float *storage)
{
    for (size_t i = 0; i < count; i++)
        storage[i] = (float)numbers[i];
    return (heed_input){.data = storage};
}

#define INPUT(matrix) input_of(matrix, COUNT(matrix), (float[COUNT(matrix)]){0})

#endif
