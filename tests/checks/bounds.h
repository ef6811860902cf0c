/* SPDX-License-Identifier: MIT */
/*
 * bounds.h - numbers with error bounds: the few steps every operation is made of.
 *
 * u = 2^-24 is the unit roundoff of f32.  A sum or chain of n roundings, in any
 * order, fused or not, is off by at most n u times the sum of the magnitudes
 * (Higham, "Accuracy and Stability of Numerical Algorithms", section 3.1);
 * n u < 2^-12 here, so that terms in u^2 drown in the constants below.
 */
#ifndef HEED_CHECKS_BOUNDS_H
#define HEED_CHECKS_BOUNDS_H

#include <stddef.h>

#include "reference.h"

#define UNIT_ROUNDOFF 0x1p-24
#define SMALLEST_NORMAL 0x1p-126 /* what a product may lose where denormals are flushed */
/*
 * What a weight of attention may lose, relative to the largest: weights under
 * 2^-110 are zeroed, for denormals slow a CPU down by an order of magnitude, and
 * they are relative to a running maximum that may lag behind by 16 octaves.
 */
#define LOST_WEIGHT 0x1p-94

/*
 * Roundings in a sum over the keys: chunks of 1024 keys are summed one by one
 * and merged in order, with a rescale by an exp (3 roundings) for each block
 * of 64 and a few more steps for each chunk and at the end.
 */
double rounds_over_keys(size_t keys);

/* factor (x . y), `rounds` being the roundings of one product's way to the result. */
struct bounded bounded_dot(const struct bounded *x, const struct bounded *y, size_t y_step,
                           size_t n, double rounds, double factor);

/*
 * Softmax of the scores: weights[j] = exp(s_j - max) / sum, zero if no score is
 * above -inf.  Returns ln of the sum of exp(s_j).  Weights below `lost` may vanish.
 */
struct bounded bounded_softmax(const struct bounded *scores, size_t n, double lost,
                               struct bounded *weights);

/*
 * The same of weights that are each rounded once more, off by up to `roundoff` relative,
 * before they are summed.
 */
struct bounded bounded_softmax_rounded(const struct bounded *scores, size_t n, double lost,
                                       double roundoff, struct bounded *weights);

#endif
