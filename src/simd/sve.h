/* SPDX-License-Identifier: MIT */
/*
 * simd/sve.h - the vocabulary on SVE, for the length that simd/sve256.h or sve512.h names.
 *
 * Of a fixed length, and chosen only where the registers have just that: then a vector has a
 * size and may stand in arrays, as tiles and transpositions need, which one of unknown length
 * may not.  Nothing but the first SVE, so that any CPU with such registers will do.  128 bits
 * are left to Advanced SIMD, whose tile of scores takes 36 instructions for 24 FMAs, this 46.
 */
#ifndef HEED_SIMD_SVE_H
#define HEED_SIMD_SVE_H

#include "base.h"

#include <arm_sve.h>

#if __ARM_FEATURE_SVE_BITS != 32 * VF_LANES
#error "-msve-vector-bits does not fit the name of this instruction set"
#endif
#define HEED_SIMD_EMULATED 0
#define VF_FUSES 1
/* 24 accumulators, 4 vectors of keys, and queries broadcast as they are loaded: 32 registers. */
#define TILE_ROWS 6
#define TILE_VECS 4
#define LOADS_AHEAD 1
#define UNROLL_DIMS UNROLL_SOME

typedef svfloat32_t vf __attribute__((arm_sve_vector_bits(__ARM_FEATURE_SVE_BITS)));

#define ALL svptrue_b32()

// clang-format off
static inline vf vf_zero(void) { return svdup_n_f32(0.0f); }
static inline vf vf_set1(float x) { return svdup_n_f32(x); }
static inline vf vf_load(const float *p) { return svld1_f32(ALL, p); }
static inline void vf_store(float *p, vf a) { svst1_f32(ALL, p, a); }
static inline vf vf_add(vf a, vf b) { return svadd_f32_x(ALL, a, b); }
static inline vf vf_sub(vf a, vf b) { return svsub_f32_x(ALL, a, b); }
static inline vf vf_mul(vf a, vf b) { return svmul_f32_x(ALL, a, b); }
static inline vf vf_div(vf a, vf b) { return svdiv_f32_x(ALL, a, b); }
static inline vf vf_fma(vf a, vf b, vf c) { return svmla_f32_x(ALL, c, a, b); }
static inline vf vf_fms(vf a, vf b, vf c) { return svnmls_f32_x(ALL, c, a, b); }
static inline vf vf_max(vf a, vf b) { return svmax_f32_x(ALL, a, b); }
static inline vf vf_min(vf a, vf b) { return svmin_f32_x(ALL, a, b); }
static inline bool vf_any_gt(vf a, vf b) { return svptest_any(ALL, svcmpgt_f32(ALL, a, b)); }
static inline float vf_reduce_max(vf a) { return svmaxv_f32(ALL, a); }
// clang-format on

static inline vf vf_zero_if_lt(vf a, vf x, vf lo)
{
    return svdup_n_f32_m(a, svcmplt_f32(ALL, x, lo), 0.0f);
}

static inline bool vf_all_within(vf a, vf lo, vf hi)
{
    const svbool_t within = svcmple_f32(svcmpge_f32(ALL, a, lo), a, hi);

    return !svptest_any(ALL, svnot_b_z(ALL, within));
}

/* By halves, as everywhere: FADDV goes by neighbours. */
static inline float vf_reduce_add(vf a)
{
#if VF_LANES > 8
    a = vf_add(a, svext_f32(a, a, 8));
#endif
    a = vf_add(a, svext_f32(a, a, 4));
    a = vf_add(a, svext_f32(a, a, 2));
    a = vf_add(a, svext_f32(a, a, 1));
    return svlasta_f32(svpfalse_b(), a); /* no lane is active, so after the last comes the first */
}

/*
 * Not svscale: where the result is masked away afterwards it may be denormal, and slow.
 * Nor FEXPA for vf_exp2_scaled(): 4 of its 13 instructions less, for weights that cost two
 * FMAs for each dim besides, are not worth a second formula.
 */
static inline vf vf_scale_by_magic(vf p, vf magic)
{
    const svuint32_t exponent = svlsl_n_u32_x(ALL, svreinterpret_u32_f32(magic), 23);

    return svreinterpret_f32_u32(
        svadd_u32_m(svcmpeq_f32(ALL, magic, magic), svreinterpret_u32_f32(p), exponent));
}

static inline svbool_t first_lanes(size_t n)
{
    return svwhilelt_b32_u64(0, n);
}

#define HEED_HAVE_KEEP_FIRST
static inline vf vf_keep_first(vf a, size_t n, vf b)
{
    return svsel_f32(first_lanes(n), a, b);
}

#define HEED_HAVE_PARTIAL
static inline vf vf_load_n(const float *p, size_t n)
{
    return svld1_f32(first_lanes(n), p);
}

static inline void vf_store_n(float *p, vf a, size_t n)
{
    svst1_f32(first_lanes(n), p, a);
}

/*
 * Zipping the lower half of the rows with the upper rotates the bits of every number's
 * position, row and lane, by one; after as many times as a lane has bits, row and lane have
 * changed places: 24 shuffles for 64 numbers, 64 for 256.
 */
static inline void vf_transpose(vf r[VF_LANES])
{
    for (int step = 1; step < VF_LANES; step *= 2) {
        vf zipped[VF_LANES];

        for (int i = 0; i < VF_LANES / 2; i++) {
            zipped[2 * i] = svzip1_f32(r[i], r[i + VF_LANES / 2]);
            zipped[2 * i + 1] = svzip2_f32(r[i], r[i + VF_LANES / 2]);
        }
        for (int i = 0; i < VF_LANES; i++)
            r[i] = zipped[i];
    }
}

static inline svuint32_t own_bits(void)
{
    return svlsl_u32_x(ALL, svdup_n_u32(1), svindex_u32(0, 1));
}

#define HEED_HAVE_BITS_LT
static inline uint32_t vf_bits_lt(vf a, vf b)
{
    return (uint32_t)svaddv_u32(svcmplt_f32(ALL, a, b), own_bits());
}

#define HEED_HAVE_KEEP_BITS
static inline vf vf_keep_bits(vf a, uint32_t bits, vf b)
{
    const svuint32_t set = svand_n_u32_x(ALL, own_bits(), bits);

    return svsel_f32(svcmpne_n_u32(ALL, set, 0), a, b);
}

#define HEED_HAVE_I8
static inline vf vf_load_i8(const int8_t *p)
{
    return svcvt_f32_s32_x(ALL, svld1sb_s32(ALL, p));
}

#define HEED_HAVE_F8
/* As f16 (base_byte.h), in the lower half of each lane. */
static inline vf vf_load_f8(const uint8_t *p)
{
    const svuint32_t code = svld1ub_u32(ALL, p), size = svand_n_u32_x(ALL, code, 0x7f);
    const svuint32_t sign = svlsl_n_u32_x(ALL, svand_n_u32_x(ALL, code, 0x80), 8);
    const svuint32_t half = svorr_u32_x(ALL, sign, svlsl_n_u32_x(ALL, size, 7));
    const svuint32_t or_nan = svorr_n_u32_m(svcmpeq_n_u32(ALL, size, 0x7f), half, 0x7c00);

    return svcvt_f32_f16_x(ALL, svreinterpret_f16_u32(or_nan));
}

#define HEED_HAVE_STORE_BYTES
/* base_byte.h says how. */
static inline void vf_store_f8(uint8_t *p, vf a)
{
    const svuint32_t all = svreinterpret_u32_f32(a), size = svand_n_u32_x(ALL, all, 0x7fffffff);
    const svuint32_t bits = svmin_n_u32_x(ALL, size, 0x43e00000); /* 448 */
    const vf above = vf_add(svreinterpret_f32_u32(bits), vf_set1(0x1p14f));
    const svuint32_t denormal = svsub_n_u32_x(ALL, svreinterpret_u32_f32(above), 0x46800000);
    const svuint32_t odd = svand_n_u32_x(ALL, svlsr_n_u32_x(ALL, bits, 20), 1);
    const svuint32_t halves = svadd_n_u32_x(ALL, odd, 0x7ffffu - 0x3c000000u);
    const svuint32_t number = svlsr_n_u32_x(ALL, svadd_u32_x(ALL, bits, halves), 20);
    const svuint32_t chosen = svsel_u32(svcmplt_n_u32(ALL, bits, 0x3c800000), denormal, number);
    const svuint32_t or_nan = svdup_n_u32_m(chosen, svcmpuo_f32(ALL, a, a), 0x7f);
    const svuint32_t sign = svlsl_n_u32_x(ALL, svlsr_n_u32_x(ALL, all, 31), 7);

    svst1b_u32(ALL, p, svorr_u32_x(ALL, or_nan, sign));
}

static inline void vf_store_i8(int8_t *p, vf a)
{
    const vf within = vf_min(vf_max(a, vf_set1(-VF_MOST_I8)), vf_set1(VF_MOST_I8));

    svst1b_s32(ALL, p, svcvt_s32_f32_x(ALL, svrintn_f32_x(ALL, within)));
}

#include "sve_half.h"

#undef ALL

#include "common.h"
#endif
