/* SPDX-License-Identifier: MIT */
/* reference_rows.c - exp, softmax and normalize, in double. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "bounds.h"
#include "view.h"

/* The distance between the floats around x: 2^-23 times the power of two below it. */
static double ulp_f32(double x)
{
    int exponent;

    frexp(x, &exponent);
    return ldexp(1, (exponent - 1 < -126 ? -126 : exponent - 1) - 23);
}

/* Does the caller's floating-point mode turn denormal results into 0? */
static bool flushes_denormals(void)
{
    const volatile float smallest = FLT_MIN;
    const volatile float half = smallest / 2;

    return half == 0.0f;
}

/*
 * Within 1 ulp: the promise of the public header.  Where denormals are flushed,
 * what may round to one may be 0.
 */
void reference_exp(const heed_rows_args *args, struct bounded *y)
{
    struct bounded *x = view_head(&args->x, 0, 0, 1, args->rows, args->cols);
    const double flushed = flushes_denormals() ? SMALLEST_NORMAL * (1 + 0x1p-22) : 0;

    for (size_t i = 0; i < args->rows * args->cols; i++) {
        const double value = exp(x[i].value);

        y[i] = (struct bounded){value, isfinite(value) ? ulp_f32(value) : 0};
        if (value < flushed)
            y[i].error = fmax(value, y[i].error);
    }
    free(x);
}

/*
 * Weights that could be denormal count as 0, those of exponents below -87.3359375: the
 * largest of them is 6.1e-4 above the smallest normal number.
 */
void reference_softmax(const heed_rows_args *args, struct bounded *y)
{
    struct bounded *x = view_head(&args->x, 0, 0, 1, args->rows, args->cols);
    const double lost = exp(-87.3359375);

    for (size_t r = 0; r < args->rows; r++)
        bounded_softmax(x + r * args->cols, args->cols, lost, y + r * args->cols);
    free(x);
}

/*
 * x / sum: the sum is off by at most n u sum|x|, which is n u c relative to it
 * with c = sum|x| / |sum|; e / (1 - e) of that reaches the quotient, and a
 * division or a reciprocal with a product adds 3 u.
 */
static void normalize_row(const struct bounded *x, size_t cols, struct bounded *y)
{
    double sum = 0, size = 0;

    for (size_t d = 0; d < cols; d++) {
        sum += x[d].value;
        size += fabs(x[d].value);
    }
    const double e = (double)cols * UNIT_ROUNDOFF * size / fabs(sum);
    for (size_t d = 0; d < cols; d++) {
        y[d].value = x[d].value / sum;
        y[d].error = fabs(y[d].value) * (e / (1 - e) + 3 * UNIT_ROUNDOFF) + SMALLEST_NORMAL;
    }
}

void reference_normalize(const heed_rows_args *args, struct bounded *y)
{
    struct bounded *x = view_head(&args->x, 0, 0, 1, args->rows, args->cols);

    for (size_t r = 0; r < args->rows; r++)
        normalize_row(x + r * args->cols, args->cols, y + r * args->cols);
    free(x);
}
