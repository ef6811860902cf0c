/* SPDX-License-Identifier: MIT */
/* simd/scalar.h - the vocabulary on one lane, in plain C; the place to read what each word means.
 */
#ifndef HEED_SIMD_SCALAR_H
#define HEED_SIMD_SCALAR_H

#include "base.h"

#define HEED_SIMD_EMULATED 0
#define VF_LANES 1
#define TILE_ROWS 2
#define TILE_VECS 4

typedef float vf;

// clang-format off
static inline vf vf_zero(void) { return 0.0f; }
static inline vf vf_set1(float x) { return x; }
static inline vf vf_load(const float *p) { return *p; }
static inline void vf_store(float *p, vf a) { *p = a; }
static inline vf vf_add(vf a, vf b) { return a + b; }
static inline vf vf_sub(vf a, vf b) { return a - b; }
static inline vf vf_mul(vf a, vf b) { return a * b; }
static inline vf vf_div(vf a, vf b) { return a / b; }
/* a b + c and a b - c, with one rounding where the instruction set has it. */
static inline vf vf_fma(vf a, vf b, vf c) { return a * b + c; }
static inline vf vf_fms(vf a, vf b, vf c) { return a * b - c; }
/* With a NaN among a and b the result is either of them. */
static inline vf vf_max(vf a, vf b) { return a > b ? a : b; }
static inline vf vf_min(vf a, vf b) { return a < b ? a : b; }
/* a, or 0 in the lanes where x < lo.  A NaN in x keeps its lane. */
static inline vf vf_zero_if_lt(vf a, vf x, vf lo) { return x < lo ? 0.0f : a; }
/* Is any lane of a greater than that of b?  NaN is not. */
static inline bool vf_any_gt(vf a, vf b) { return a > b; }
/* Is every lane of a within [lo, hi]?  NaN is not. */
static inline bool vf_all_within(vf a, vf lo, vf hi) { return a >= lo && a <= hi; }
static inline float vf_reduce_add(vf a) { return a; }
static inline float vf_reduce_max(vf a) { return a; }
static inline void vf_transpose(vf r[VF_LANES]) { (void)r; }
// clang-format on

/*
 * p 2^n for results in the normal range, where the low bits of the float `magic` hold
 * n.  With a NaN for magic p stays p, the NaN made of it: those bits hold no n, and
 * shifted into the exponent of a NaN they would make a number of it.
 */
static inline vf vf_scale_by_magic(vf p, vf magic)
{
    return magic == magic ? f32_from_bits(bits_from_f32(p) + (bits_from_f32(magic) << 23)) : p;
}

#define HEED_HAVE_PARTIAL
/* The first n < VF_LANES lanes from or to p, others zero or left; nothing past p + n is touched. */
static inline vf vf_load_n(const float *p, size_t n)
{
    (void)p, (void)n;
    return 0.0f;
}
static inline void vf_store_n(float *p, vf a, size_t n)
{
    (void)p, (void)a, (void)n;
}

#include "common.h"
#endif
