/* SPDX-License-Identifier: MIT */
/* bounds.c - dot products and softmax in double, with bounds for f32. */
#include "bounds.h"

#include <float.h>
#include <math.h>

static const double u = UNIT_ROUNDOFF;

bool bounded_accepts(struct bounded want, float got)
{
    if (isnan(want.value))
        return isnan(got);
    if (isinf(want.value))
        return (double)got == want.value;
    if (isinf(got))
        return !signbit(got) == !signbit(want.value) &&
               fabs(want.value) + want.error >= (double)FLT_MAX;
    return fabs((double)got - want.value) <= want.error;
}

double rounds_over_keys(size_t keys)
{
    const double chunk = keys < 1024 ? (double)keys : 1024;

    return chunk + 3 * (chunk / 64 + 1) + 4 * ((double)keys / 1024 + 1);
}

struct bounded bounded_dot(const struct bounded *x, const struct bounded *y, size_t y_step,
                           size_t n, double rounds, double factor)
{
    double sum = 0, size = 0, drift = 0;

    for (size_t i = 0; i < n; i++, x++, y += y_step) {
        const double x_abs = fabs(x->value), y_abs = fabs(y->value);

        sum += x->value * y->value;
        size += (x_abs + x->error) * (y_abs + y->error);
        drift += x->error * y_abs + x_abs * y->error + x->error * y->error;
    }
    return (struct bounded){factor * sum, fabs(factor) * (rounds * u * size + drift) +
                                              (1 + fabs(factor)) * (double)n * SMALLEST_NORMAL};
}

static double largest(const struct bounded *scores, size_t n)
{
    double max = -INFINITY;

    for (size_t j = 0; j < n && !isnan(max); j++)
        if (!(scores[j].value <= max))
            max = scores[j].value; /* a NaN stays: all weights become NaN */
    return max;
}

/*
 * How far the exponent of weight j may be off: the error of the score itself;
 * the roundings of score times log2 e, of that constant and of the subtraction
 * (4 u |s|, and 2 u |max|: the maximum is the same for all keys, but not where
 * the product is rounded before the subtraction); and 4 u for an exp within
 * 1 ulp <= 2 u and the multiplication that follows it.
 */
static double exponent_error(struct bounded score, double max)
{
    return score.error + u * (4 * fabs(score.value) + 2 * fabs(max) + 4);
}

/*
 * If each exponent is off by |e_j| and each partial sum by t relative, then
 * the computed weight is w_j exp(e_j + t) / sum_i w_i exp(e_i + t): off by
 * at most the factor exp(e_j + t + k), k = log(1 + sum_i w_i (exp(e_i + t) - 1)).
 */
struct bounded bounded_softmax_rounded(const struct bounded *scores, size_t n, double lost,
                                       double roundoff, struct bounded *weights)
{
    /* A factor of 1 + d with |d| <= roundoff, as an error of the exponent. */
    const double rounded = -log1p(-roundoff);
    const double max = largest(scores, n), t = rounds_over_keys(n) * u;
    double sum = 0, spread = 0, low = max;

    for (size_t j = 0; j < n; j++) {
        weights[j].value = max == -INFINITY ? 0 : exp(scores[j].value - max);
        sum += weights[j].value;
        if (scores[j].value > -INFINITY && scores[j].value < low)
            low = scores[j].value;
    }
    if (max == -INFINITY)
        sum = 0;
    /* The running maximum climbs from low to max, a rounded subtraction per step. */
    const double climb = max > low ? 2 * u * (max - low) : 0;
    for (size_t j = 0; j < n && sum != 0; j++) {
        weights[j].value /= sum;
        weights[j].error =
            weights[j].value > 0 ? exponent_error(scores[j], max) + t + climb + rounded : 0;
        spread += weights[j].value * expm1(weights[j].error);
    }
    for (size_t j = 0; j < n; j++)
        weights[j].error =
            sum != 0 ? weights[j].value * expm1(weights[j].error + log1p(spread)) + lost : 0;
    /*
     * Its logarithm, off by 4 u of its parts.  The f32 sum is relative to a maximum
     * that may lag by 16 octaves, 11.1 in natural units, or by all there is.
     */
    const double lse = max + log(sum), lag = fmin(max - low, 11.1);
    const double parts = fabs(max) + fabs(lse) + log((double)n + 1) + (max > low ? lag : 0);
    return (struct bounded){lse, log1p(spread) + 4 * u * parts};
}

struct bounded bounded_softmax(const struct bounded *scores, size_t n, double lost,
                               struct bounded *weights)
{
    return bounded_softmax_rounded(scores, n, lost, 0, weights);
}
