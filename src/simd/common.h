/* SPDX-License-Identifier: MIT */
/*
 * simd/common.h - what every instruction set gets for free once it has the words.
 *
 * Included at the end of simd/<isa>.h.  First the fallbacks that an instruction
 * set replaces by defining HEED_HAVE_<NAME> and its own; then functions built on
 * the words alone, so that they are the same formula everywhere.
 */
#include <float.h>

/*
 * Whether the tiles load the number of the next row before they use that of this one.  A
 * core that issues in order waits for it otherwise (Cortex-A55 in the model of llvm-mca:
 * 46 to 67 % of its FMA rate, 60 to 84 % for the values); AVX2 loses 3 points by it.
 */
#ifndef LOADS_AHEAD
#define LOADS_AHEAD 0
#endif

/* How far a tile of scores unrolls its loop over dims, if that pays: AVX2 loses 3 %. */
#ifndef UNROLL_DIMS
#define UNROLL_DIMS
#endif

#ifndef HEED_HAVE_PARTIAL
static inline vf vf_load_n(const float *p, size_t n)
{
    float lane[VF_LANES] = {0};

    for (size_t i = 0; i < n; i++)
        lane[i] = p[i];
    return vf_load(lane);
}

static inline void vf_store_n(float *p, vf a, size_t n)
{
    float lane[VF_LANES];

    vf_store(lane, a);
    for (size_t i = 0; i < n; i++)
        p[i] = lane[i];
}
#endif

#ifndef HEED_HAVE_KEEP_FIRST
/* The first n <= VF_LANES lanes of a, the others of b. */
static inline vf vf_keep_first(vf a, size_t n, vf b)
{
    float lane[VF_LANES], other[VF_LANES];

    vf_store(lane, a);
    vf_store(other, b);
    for (size_t i = n; i < VF_LANES; i++)
        lane[i] = other[i];
    return vf_load(lane);
}
#endif

#ifndef HEED_HAVE_LOAD_ACROSS
/* r[i] gets number i of VF_LANES rows, which stand `row` apart: a lane for each of them. */
static inline void vf_load_across(const float *p, ptrdiff_t row, vf r[VF_LANES])
{
    for (ptrdiff_t j = 0; j < VF_LANES; j++)
        r[j] = vf_load(p + j * row);
    vf_transpose(r);
}
#endif

#ifndef HEED_HAVE_PAIRS
/* Of 2 VF_LANES numbers that stand in pairs, the first of each pair and the second. */
static inline void vf_load_pairs(const float *p, vf *first, vf *second)
{
    float lane[2][VF_LANES];

    for (size_t i = 0; i < VF_LANES; i++) {
        lane[0][i] = p[2 * i];
        lane[1][i] = p[2 * i + 1];
    }
    *first = vf_load(lane[0]);
    *second = vf_load(lane[1]);
}

static inline void vf_store_pairs(float *p, vf first, vf second)
{
    float lane[2][VF_LANES];

    vf_store(lane[0], first);
    vf_store(lane[1], second);
    for (size_t i = 0; i < VF_LANES; i++) {
        p[2 * i] = lane[0][i];
        p[2 * i + 1] = lane[1][i];
    }
}
#endif

#ifndef HEED_HAVE_MUL_GRADUAL
/* a b with denormal results, unless the caller's floating-point mode flushes them. */
static inline vf vf_mul_gradual(vf a, vf b)
{
    return vf_mul(a, b);
}
#endif

/* vf_load_n and vf_store_n for any n: past VF_LANES a whole vector. */
static inline vf vf_load_upto(const float *p, size_t n)
{
    return n >= VF_LANES ? vf_load(p) : vf_load_n(p, n);
}

static inline void vf_store_upto(float *p, vf a, size_t n)
{
    if (n >= VF_LANES)
        vf_store(p, a);
    else
        vf_store_n(p, a, n);
}

#include "common_half.h"

#include "common_byte.h"

static inline bool vf_all_finite(vf a)
{
    return vf_all_within(a, vf_set1(-FLT_MAX), vf_set1(FLT_MAX));
}

/*
 * 2^(x c) for results below 2^127; exactly 0 where x < lo, which must be at or
 * above -126/c: results would be denormal there, and a denormal costs some 150
 * cycles wherever it is used.  NaN stays NaN, 2^0 is exactly 1.
 * Degree 5 on [-1/2, 1/2], minimax under p(0) = 1: relative error 1.53 x 2^-24.
 */
static inline vf vf_exp2_scaled(vf x, vf c, vf lo)
{
    const vf magic = vf_fma(x, c, vf_set1(VF_MAGIC));
    const vf f = vf_fms(x, c, vf_sub(magic, vf_set1(VF_MAGIC)));
    vf p = vf_set1(0x1.5bba14p-10f);

    p = vf_fma(p, f, vf_set1(0x1.3cea88p-7f));
    p = vf_fma(p, f, vf_set1(0x1.c6b752p-5f));
    p = vf_fma(p, f, vf_set1(0x1.ebf9bcp-3f));
    p = vf_fma(p, f, vf_set1(0x1.62e42ap-1f));
    p = vf_fma(p, f, vf_set1(1.0f));
    return vf_zero_if_lt(vf_scale_by_magic(p, magic), x, lo);
}

/*
 * tanh(x) within 4 units of 2^-24 relative (3.8 over all floats without FMA); +0 for
 * both zeros.  Below 0.625 x + x^3 P(x^2) with the coefficients of Cephes' tanhf
 * (Moshier 1992), above 1 - 2 / (e^2x + 1) of |x|: of a negative x the quotient is
 * above 1, and its rounding took the error to 5.6 units.  Each adds 0 where another
 * counts.
 */
static inline vf vf_tanh(vf x)
{
    const vf z = vf_mul(x, x), minus = vf_sub(vf_zero(), x), size = vf_max(minus, x);
    /* e^40 is as good as infinity; this order of operands lets NaN through. */
    const vf y = vf_min(vf_set1(20.0f), size);
    const vf e = vf_exp2_scaled(vf_add(y, y), vf_set1(1.44269504f), vf_set1(-87.0f));
    const vf one = vf_set1(1.0f), large = vf_sub(one, vf_div(vf_set1(2.0f), vf_add(e, one)));
    const vf above = vf_zero_if_lt(large, x, vf_set1(0.625f));
    const vf below = vf_zero_if_lt(large, minus, vf_set1(0.625f));
    vf p = vf_set1(-5.70498872745e-3f);

    p = vf_fma(p, z, vf_set1(2.06390887954e-2f));
    p = vf_fma(p, z, vf_set1(-5.37397155531e-2f));
    p = vf_fma(p, z, vf_set1(1.33314422036e-1f));
    p = vf_fma(p, z, vf_set1(-3.33332819422e-1f));
    p = vf_fma(vf_mul(p, z), x, x);
    return vf_add(vf_sub(above, below), vf_zero_if_lt(p, vf_set1(0x1.3ffffep-1f), size));
}

/*
 * exp(x) = p 2^n with n = round(x / ln 2) in the low bits of *magic.  ln 2 in two
 * parts, the first of 15 bits so that n times it is exact without an FMA (Cody &
 * Waite 1980); degree 6 on [-ln2/2, ln2/2], minimax under p(0) = p'(0) = 1:
 * relative error 0.05 x 2^-24.  The last step adds the unrounded parts of r: with r
 * itself the error reached 1.009 ulp.
 */
static inline vf vf_exp_parts(vf x, vf *magic)
{
    *magic = vf_fma(x, vf_set1(0x1.715476p+0f), vf_set1(VF_MAGIC));
    const vf n = vf_sub(*magic, vf_set1(VF_MAGIC)), minus_low = vf_set1(-0x1.7f7d1cp-20f);
    const vf high = vf_fma(n, vf_set1(-0x1.62e4p-1f), x);
    const vf r = vf_fma(n, minus_low, high);
    vf p = vf_set1(0x1.6a241ap-10f);

    p = vf_fma(p, r, vf_set1(0x1.1239f2p-7f));
    p = vf_fma(p, r, vf_set1(0x1.5558f2p-5f));
    p = vf_fma(p, r, vf_set1(0x1.555492p-3f));
    p = vf_fma(p, r, vf_set1(0x1.fffffcp-2f));
    p = vf_fma(n, minus_low, vf_mul(vf_mul(r, r), p));
    return vf_add(vf_set1(1.0f), vf_add(high, p));
}

#define VF_EXP_MIN (-0x1.5d58p+6f) /* just above ln 2^-126: exp() of less may be denormal */

/* exp(x) within 1 ulp for every float, denormal results included. */
static inline vf vf_exp(vf x)
{
    vf magic;

    /* 2^128 does not fit an exponent: leave the last half octave to the careful path too. */
    if (vf_all_within(x, vf_set1(VF_EXP_MIN), vf_set1(88.0f))) {
        const vf p = vf_exp_parts(x, &magic);

        return vf_scale_by_magic(p, magic);
    }
    /* Clamped to where 0 and infinity are certain; this order of operands lets NaN through. */
    x = vf_max(vf_set1(-104.0f), vf_min(vf_set1(89.0f), x));
    const vf p = vf_exp_parts(x, &magic);
    const vf n = vf_sub(magic, vf_set1(VF_MAGIC));
    const vf half = vf_fma(n, vf_set1(0.5f), vf_set1(VF_MAGIC));
    const vf rest = vf_sub(magic, vf_sub(half, vf_set1(VF_MAGIC)));

    return vf_mul_gradual(vf_scale_by_magic(p, half), vf_scale_by_magic(vf_set1(1.0f), rest));
}
