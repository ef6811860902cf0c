/* SPDX-License-Identifier: MIT */
/* primitive_check.c - some results of a single operation against its formula in double. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "primitives.h"

/*
 * A number as the formula has it, and how far f32 arithmetic may be off; u = 2^-24.  A sum
 * of n products is off by n + 2 roundings of the sum of their sizes, by twice that where
 * products are rounded on their own (Higham 2002, section 3.1).
 */
struct expected {
    double value, bound;
};

static const double u = FLT_EPSILON / 2;

static struct expected expect_product(const float *x, const float *y, size_t count, size_t step,
                                      double scale)
{
    double sum = 0, size = 0;

    for (size_t j = 0; j < count; j++) {
        const double product = scale * (double)x[j] * (double)y[j * step];

        sum += product;
        size += fabs(product);
    }
    return (struct expected){sum, 2 * ((double)count + 2) * u * size};
}

/* heed.h promises 1 ulp, which is at most 2 u of the value. */
static struct expected expect_exp(const struct operands *on, size_t i)
{
    const double value = exp((double)on->left[i]);

    return (struct expected){value, 2 * u * value};
}

/*
 * x - max is off by u of itself, its exponential by as much of itself and 2 u more, the
 * sum of the row by that of the largest term it matters for and cols roundings.
 */
static struct expected expect_softmax(const struct operands *on, size_t i)
{
    const float *row = on->left + i / on->length * on->length;
    double max = -INFINITY, min = INFINITY, sum = 0;

    for (size_t j = 0; j < on->length; j++) {
        max = fmax(max, (double)row[j]);
        min = fmin(min, (double)row[j]);
    }
    for (size_t j = 0; j < on->length; j++)
        sum += exp((double)row[j] - max);
    const double value = exp((double)on->left[i] - max) / sum;

    return (struct expected){value, (2 * (max - min) + (double)on->length + 8) * u * value};
}

/* The sum is off by cols roundings of the sizes of its terms, which cancel. */
static struct expected expect_normalize(const struct operands *on, size_t i)
{
    const float *row = on->left + i / on->length * on->length;
    double sum = 0, size = 0;

    for (size_t j = 0; j < on->length; j++) {
        sum += (double)row[j];
        size += fabs((double)row[j]);
    }
    const double off = (double)on->length * u * size / fabs(sum);
    const double value = (double)on->left[i] / sum;

    /* 1 / (1 - off) is below 1 + 2 off up to one half; past that nothing is promised. */
    return (struct expected){value, off < 0.5 ? (2 * off + 2 * u) * fabs(value) : INFINITY};
}

/* Two products and a sum; pairs stand half a row apart. */
static struct expected expect_rope(const struct operands *on, size_t i)
{
    const size_t half = on->length / 2, column = i % on->length, pair = column % half;
    const float *row = on->left + i - column;
    const double cosine = (double)on->right[pair], sine = (double)on->right[half + pair];
    const double a = (double)row[pair], b = (double)row[half + pair];
    const double first = column < half ? a * cosine : a * sine;
    const double second = column < half ? -b * sine : b * cosine;

    return (struct expected){first + second, 2 * u * (fabs(first) + fabs(second))};
}

static struct expected expect_scores(const struct operands *on, size_t i)
{
    const float *q = on->left + i / on->length * PRODUCT_DIM;
    const float *k = on->right + i % on->length * PRODUCT_DIM;

    return expect_product(q, k, PRODUCT_DIM, 1, 1 / sqrt((double)PRODUCT_DIM));
}

/* Of weights and values, and of inputs and weights: both are [16][length] by [length][64]. */
static struct expected expect_sum(const struct operands *on, size_t i)
{
    return expect_product(on->left + i / PRODUCT_DIM * on->length, on->right + i % PRODUCT_DIM,
                          on->length, PRODUCT_DIM, 1);
}

static const struct {
    const char *name;
    struct expected (*expect)(const struct operands *on, size_t i);
} checks[] = {
    {"exp", expect_exp},    {"softmax", expect_softmax}, {"normalize", expect_normalize},
    {"rope", expect_rope},  {"scores", expect_scores},   {"weighted_sum", expect_sum},
    {"linear", expect_sum},
};

bool primitive_check(const struct primitive *primitive, const struct operands *on,
                     double *max_error, double *bound, char *why, size_t why_size)
{
    enum { NUMBERS = 17 }; /* spread from the first to the last */
    const size_t results = primitive_results(primitive, on->length);
    bool right = true;
    size_t c = 0;

    while (strcmp(checks[c].name, primitive->name) != 0)
        c++;
    *max_error = *bound = 0;
    for (size_t n = 0; n < NUMBERS; n++) {
        const size_t i = (results - 1) * n / (NUMBERS - 1);
        const struct expected expected = checks[c].expect(on, i);
        const double error = fabs((double)on->result[i] - expected.value);

        *max_error = fmax(*max_error, error);
        *bound = fmax(*bound, expected.bound);
        if (!(error <= expected.bound)) {
            right = false;
            snprintf(why, why_size, "wrong: number %zu is off by %.2g, rounding explains %.2g", i,
                     error, expected.bound);
        }
    }
    return right;
}
