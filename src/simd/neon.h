/* SPDX-License-Identifier: MIT */
/* simd/neon.h - the vocabulary on 4 lanes of AArch64 Advanced SIMD. */
#ifndef HEED_SIMD_NEON_H
#define HEED_SIMD_NEON_H

#include "base.h"

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/arm/neon.h>

#if defined(SIMDE_ARM_NEON_A64V8_NATIVE)
#define HEED_SIMD_EMULATED 0
#else
#define HEED_SIMD_EMULATED 1
#endif
#define VF_LANES 4
#define VF_FUSES (!HEED_SIMD_EMULATED)
/* 24 accumulators, 4 vectors of keys, and queries multiplied by lane: 32 registers. */
#define TILE_ROWS 6
#define TILE_VECS 4
#define LOADS_AHEAD 1
#define UNROLL_DIMS UNROLL_SOME /* 38 -> 36 instructions for 24 FMAs */

typedef float32x4_t vf;

// clang-format off
static inline vf vf_zero(void) { return vdupq_n_f32(0.0f); }
static inline vf vf_set1(float x) { return vdupq_n_f32(x); }
static inline vf vf_load(const float *p) { return vld1q_f32(p); }
static inline void vf_store(float *p, vf a) { vst1q_f32(p, a); }
static inline vf vf_add(vf a, vf b) { return vaddq_f32(a, b); }
static inline vf vf_sub(vf a, vf b) { return vsubq_f32(a, b); }
static inline vf vf_mul(vf a, vf b) { return vmulq_f32(a, b); }
static inline vf vf_fma(vf a, vf b, vf c) { return vfmaq_f32(c, a, b); }
static inline vf vf_fms(vf a, vf b, vf c) { return vfmaq_f32(vnegq_f32(c), a, b); }
static inline vf vf_max(vf a, vf b) { return vmaxq_f32(a, b); }
static inline vf vf_min(vf a, vf b) { return vminq_f32(a, b); }
static inline bool vf_any_gt(vf a, vf b) { return vmaxvq_u32(vcgtq_f32(a, b)) != 0; }
static inline float vf_reduce_max(vf a) { return vmaxvq_f32(a); }
// clang-format on

static inline bool vf_all_within(vf a, vf lo, vf hi)
{
    return vminvq_u32(vandq_u32(vcgeq_f32(a, lo), vcleq_f32(a, hi))) != 0;
}

#include "neon_common.h"

static inline vf vf_div(vf a, vf b)
{
#if HEED_SIMD_EMULATED
    return vf_div_by_lane(a, b);
#else
    return vdivq_f32(a, b);
#endif
}

static inline void vf_transpose(vf r[VF_LANES])
{
    const float64x2_t lo01 = vreinterpretq_f64_f32(vtrn1q_f32(r[0], r[1]));
    const float64x2_t hi01 = vreinterpretq_f64_f32(vtrn2q_f32(r[0], r[1]));
    const float64x2_t lo23 = vreinterpretq_f64_f32(vtrn1q_f32(r[2], r[3]));
    const float64x2_t hi23 = vreinterpretq_f64_f32(vtrn2q_f32(r[2], r[3]));

    r[0] = vreinterpretq_f32_f64(vtrn1q_f64(lo01, lo23));
    r[1] = vreinterpretq_f32_f64(vtrn1q_f64(hi01, hi23));
    r[2] = vreinterpretq_f32_f64(vtrn2q_f64(lo01, lo23));
    r[3] = vreinterpretq_f32_f64(vtrn2q_f64(hi01, hi23));
}

#define HEED_HAVE_BITS_OF_BYTES
/* One bit of each byte that is not 0; sums of neighbours, three times, make bytes of them. */
static inline uint8x16_t vf_bits_of_quarter(const unsigned char *p)
{
    static const uint8_t own[] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t x = vld1q_u8(p);

    return vandq_u8(vtstq_u8(x, x), vld1q_u8(own));
}

static inline uint64_t bits_of_bytes(const unsigned char *p)
{
    const uint8x16_t low = vpaddq_u8(vf_bits_of_quarter(p), vf_bits_of_quarter(p + 16));
    const uint8x16_t high = vpaddq_u8(vf_bits_of_quarter(p + 32), vf_bits_of_quarter(p + 48));
    const uint8x16_t pairs = vpaddq_u8(low, high), bits = vpaddq_u8(pairs, pairs);

    return vgetq_lane_u64(vreinterpretq_u64_u8(bits), 0);
}

#if !HEED_SIMD_EMULATED /* for SIMDe the common words do */
#define HEED_HAVE_F16
static inline vf vf_load_f16(const uint16_t *p)
{
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)));
}

static inline void vf_store_f16(uint16_t *p, vf a)
{
    vst1_u16(p, vreinterpret_u16_f16(vcvt_f16_f32(a)));
}
#endif

#include "common.h"
#endif
