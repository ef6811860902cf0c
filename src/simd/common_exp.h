/* SPDX-License-Identifier: MIT */
/*
 * simd/common_exp.h - part of common.h: exponentials and tanh.
 *
 * A polynomial is a chain of some 45 cycles, and a core does not look far enough ahead
 * to overlap enough of them.  So the functions on n vectors take a step of each before
 * the next step of any: exp() of numbers in the first cache 3.0 -> 4.4 per ns (Zen 3,
 * AVX2), where one vector after the other makes 4.2.
 */
#include "kernels/compiler.h"

/* How many vectors loops give vf_exp_all() at a time, and vf_exp2_scaled_all(). */
#define EXP_VECS 4
#ifndef EXP2_VECS
#define EXP2_VECS EXP_VECS
#endif

#define EACH(i, n) UNROLL for (int i = 0; i < (n); i++)

/*
 * 2^(x c) in place, for results below 2^127; exactly 0 where x < lo, which must be at
 * or above -126/c: results would be denormal there, and a denormal costs some 150
 * cycles wherever it is used.  NaN stays NaN, 2^0 is exactly 1.
 * Degree 5 on [-1/2, 1/2], minimax under p(0) = 1: relative error 1.53 x 2^-24.
 */
INLINE void vf_exp2_scaled_all(vf *x, vf c, vf lo, const int n)
{
    vf magic[EXP_VECS], whole[EXP_VECS], f[EXP_VECS], p[EXP_VECS];

    EACH(i, n) magic[i] = vf_fma(x[i], c, vf_set1(VF_MAGIC));
    EACH(i, n) whole[i] = vf_sub(magic[i], vf_set1(VF_MAGIC));
    EACH(i, n) f[i] = vf_fms(x[i], c, whole[i]);
    EACH(i, n) p[i] = vf_set1(0x1.5bba14p-10f);
    EACH(i, n) p[i] = vf_fma(p[i], f[i], vf_set1(0x1.3cea88p-7f));
    EACH(i, n) p[i] = vf_fma(p[i], f[i], vf_set1(0x1.c6b752p-5f));
    EACH(i, n) p[i] = vf_fma(p[i], f[i], vf_set1(0x1.ebf9bcp-3f));
    EACH(i, n) p[i] = vf_fma(p[i], f[i], vf_set1(0x1.62e42ap-1f));
    EACH(i, n) p[i] = vf_fma(p[i], f[i], vf_set1(1.0f));
    EACH(i, n) x[i] = vf_scale_unless_lt(p[i], magic[i], whole[i], x[i], lo);
}

static inline vf vf_exp2_scaled(vf x, vf c, vf lo)
{
    vf_exp2_scaled_all(&x, c, lo, 1);
    return x;
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
 * exp(x) = p 2^n with n = round(x / ln 2) in the low bits of magic.  The polynomials are
 * minimax on [-ln2/2, ln2/2] under p(0) = p'(0) = 1, with a relative error of 0.06 x 2^-24.
 * With an FMA: n ln 2 in two parts is taken from x, and all is one chain.
 */
INLINE void vf_exp_fused(const vf *x, vf *p, vf *magic, const int n)
{
    vf whole[EXP_VECS], r[EXP_VECS];

    EACH(i, n) magic[i] = vf_fma(x[i], vf_set1(0x1.715476p+0f), vf_set1(VF_MAGIC));
    EACH(i, n) whole[i] = vf_sub(magic[i], vf_set1(VF_MAGIC));
    EACH(i, n) r[i] = vf_fma(whole[i], vf_set1(-0x1.62e43p-1f), x[i]);
    EACH(i, n) r[i] = vf_fma(whole[i], vf_set1(0x1.05c61p-29f), r[i]);
    EACH(i, n) p[i] = vf_set1(0x1.6850e4p-10f);
    EACH(i, n) p[i] = vf_fma(p[i], r[i], vf_set1(0x1.123bccp-7f));
    EACH(i, n) p[i] = vf_fma(p[i], r[i], vf_set1(0x1.555b98p-5f));
    EACH(i, n) p[i] = vf_fma(p[i], r[i], vf_set1(0x1.55548ep-3f));
    EACH(i, n) p[i] = vf_fma(p[i], r[i], vf_set1(0x1.fffff8p-2f));
    EACH(i, n) p[i] = vf_fma(p[i], r[i], vf_set1(1.0f));
    EACH(i, n) p[i] = vf_fma(p[i], r[i], vf_set1(1.0f));
}

/*
 * The same without one: the first part of ln 2 has 15 bits, so that n times it is exact
 * (Cody & Waite 1980), and the last step adds the unrounded parts of r: with r itself
 * the error reached 1.009 ulp.
 */
INLINE void vf_exp_unfused(const vf *x, vf *p, vf *magic, const int n)
{
    vf whole[EXP_VECS], high[EXP_VECS], low[EXP_VECS], r[EXP_VECS];

    EACH(i, n) magic[i] = vf_fma(x[i], vf_set1(0x1.715476p+0f), vf_set1(VF_MAGIC));
    EACH(i, n) whole[i] = vf_sub(magic[i], vf_set1(VF_MAGIC));
    EACH(i, n) high[i] = vf_fma(whole[i], vf_set1(-0x1.62e4p-1f), x[i]);
    EACH(i, n) low[i] = vf_mul(whole[i], vf_set1(-0x1.7f7d1cp-20f));
    EACH(i, n) r[i] = vf_add(low[i], high[i]);
    EACH(i, n) p[i] = vf_set1(0x1.6a241ap-10f);
    EACH(i, n) p[i] = vf_fma(p[i], r[i], vf_set1(0x1.1239f2p-7f));
    EACH(i, n) p[i] = vf_fma(p[i], r[i], vf_set1(0x1.5558f2p-5f));
    EACH(i, n) p[i] = vf_fma(p[i], r[i], vf_set1(0x1.555492p-3f));
    EACH(i, n) p[i] = vf_fma(p[i], r[i], vf_set1(0x1.fffffcp-2f));
    EACH(i, n) p[i] = vf_add(low[i], vf_mul(vf_mul(r[i], r[i]), p[i]));
    EACH(i, n) p[i] = vf_add(vf_set1(1.0f), vf_add(high[i], p[i]));
}

INLINE void vf_exp_parts(const vf *x, vf *p, vf *magic, const int n)
{
    if (VF_FUSES)
        vf_exp_fused(x, p, magic, n);
    else
        vf_exp_unfused(x, p, magic, n);
}

#define VF_EXP_MIN (-0x1.5d58p+6f) /* just above ln 2^-126: exp() of less may be denormal */

/* exp(x) for every float, denormal results included. */
APART vf vf_exp_careful(vf x)
{
    vf p, magic;

    /* Clamped to where 0 and infinity are certain; this order of operands lets NaN through. */
    x = vf_max(vf_set1(-104.0f), vf_min(vf_set1(89.0f), x));
    vf_exp_parts(&x, &p, &magic, 1);
    const vf n = vf_sub(magic, vf_set1(VF_MAGIC));
    const vf half = vf_fma(n, vf_set1(0.5f), vf_set1(VF_MAGIC));
    const vf rest = vf_sub(magic, vf_sub(half, vf_set1(VF_MAGIC)));

    return vf_mul_gradual(vf_scale_by_magic(p, half), vf_scale_by_magic(vf_set1(1.0f), rest));
}

/* exp(x) in place, within 1 ulp for every float. */
INLINE void vf_exp_all(vf *x, const int n)
{
    vf p[EXP_VECS], magic[EXP_VECS];

    /* Past 88 2^n may not fit an exponent: that is left to the careful path, too. */
    if (vf_sizes_within(x, n, -VF_EXP_MIN)) {
        vf_exp_parts(x, p, magic, n);
        EACH(i, n) x[i] = vf_scale_number(p[i], magic[i]);
    } else {
        EACH(i, n) x[i] = vf_exp_careful(x[i]);
    }
}

static inline vf vf_exp(vf x)
{
    vf_exp_all(&x, 1);
    return x;
}

#undef EACH
