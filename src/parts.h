/* SPDX-License-Identifier: MIT */
/*
 * parts.h - numbers as sums of bf16, and what a matrix unit makes of them.
 *
 * A number of any type is the exact sum of a few of bf16: what rounding to nearest leaves
 * of the 24 bits of f32 takes three, the 11 bits of f16 two, and bf16, i8 and E4M3 are one.
 * Each part is at most 2^-9 of the one before it.  A product of two numbers is a sum of
 * products of their parts; part i times part j is about 2^(-9 (i + j)) of it.  With those of
 * i + j < 3, six for f32, what is missing is 2^-26: less than the rounding of f32.
 */
#ifndef HEED_PARTS_H
#define HEED_PARTS_H

#include <math.h>

#include "dtype.h"

enum {
    HEED_PARTS = 3,     /* of a number, at most */
    HEED_AS_F32 = 3,    /* products of parts i and j with i + j below it: as exact as f32 */
    HEED_AS_16_BITS = 2 /* about 2^-17 of the whole are missing */
};

/* The operands of the two products of attention; q is 0 where there is no unit. */
struct heed_parts {
    size_t q, k, weights, v;
    size_t sum; /* which products of weights and values: HEED_AS_F32 or HEED_AS_16_BITS */
};

static inline size_t heed_parts_of(heed_dtype type)
{
    return type == HEED_F32 ? 3 : type == HEED_F16 ? 2 : 1;
}

static inline size_t heed_fewer(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * Weights are f32, but for calls without any number of more than one part, whose weights
 * are rounded to bf16 as well.
 */
static inline struct heed_parts heed_parts_for(heed_dtype q, heed_dtype k, heed_dtype v,
                                               heed_precision precision)
{
    const size_t sum = precision == HEED_PRECISION_FAST ? HEED_AS_16_BITS : HEED_AS_F32;
    const size_t q_parts = heed_parts_of(q), k_parts = heed_parts_of(k), v_parts = heed_parts_of(v);
    const bool single = q_parts == 1 && k_parts == 1 && v_parts == 1;

    return (struct heed_parts){q_parts, k_parts, single ? 1 : sum, heed_fewer(v_parts, sum), sum};
}

/* How many products of parts i < a and j < b there are with i + j below `limit`. */
static inline size_t heed_products(size_t a, size_t b, size_t limit)
{
    size_t n = 0;

    for (size_t i = 0; i < heed_fewer(a, limit); i++)
        n += heed_fewer(b, limit - i);
    return n;
}

static inline size_t heed_score_products(const struct heed_parts *p)
{
    return heed_products(p->q, p->k, HEED_AS_F32);
}

static inline size_t heed_sum_products(const struct heed_parts *p)
{
    return heed_products(p->weights, p->v, p->sum);
}

/*
 * A unit takes numbers below 2^-126 for zeros, parts of larger ones among them.  What a score
 * loses by that is below 2^-76 for each dim, for no number that goes there is above 2^50;
 * with scales up to this one no exponential notices.
 */
static inline bool heed_unit_scales(float scale, const struct heed_parts *p)
{
    return p->weights == 1 || fabsf(scale) <= 0x1p30f;
}

/*
 * Whether a unit takes them, of whose products so many are faster than FMAs: bf16 as it is, all
 * else only where it is asked for.  Types alone decide, and the precision, so that no cut of the
 * work changes a bit; and to take numbers apart costs more than it saves where rows are few.
 */
static inline bool heed_unit_takes(size_t worth, heed_dtype q, heed_dtype k, heed_dtype v,
                                   heed_precision precision)
{
    const struct heed_parts p = heed_parts_for(q, k, v, precision);

    if (q == HEED_BF16 && k == HEED_BF16 && v == HEED_BF16)
        return worth > 0;
    return precision != HEED_PRECISION_DEFAULT && heed_score_products(&p) <= worth &&
           heed_sum_products(&p) <= worth;
}

#endif
