/* SPDX-License-Identifier: MIT */
/*
 * simd/neon32.h - the vocabulary on 4 lanes of ARMv7 NEON.
 *
 * These units flush denormals to zero and round to nearest whatever FPSCR says.
 */
#ifndef HEED_SIMD_NEON32_H
#define HEED_SIMD_NEON32_H

#include "base.h"

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/arm/neon.h>

#if defined(SIMDE_ARM_NEON_A32V7_NATIVE)
#define HEED_SIMD_EMULATED 0
#else
#define HEED_SIMD_EMULATED 1
#endif
#define VF_LANES 4
/* 16 quad registers: 8 accumulators, 4 vectors of keys, and queries multiplied by lane. */
#define TILE_ROWS 2
#define TILE_VECS 4
#define LOADS_AHEAD 1
#define UNROLL_DIMS UNROLL_SOME

typedef float32x4_t vf;

// clang-format off
static inline vf vf_zero(void) { return vdupq_n_f32(0.0f); }
static inline vf vf_set1(float x) { return vdupq_n_f32(x); }
static inline vf vf_load(const float *p) { return vld1q_f32(p); }
static inline void vf_store(float *p, vf a) { vst1q_f32(p, a); }
static inline vf vf_add(vf a, vf b) { return vaddq_f32(a, b); }
static inline vf vf_sub(vf a, vf b) { return vsubq_f32(a, b); }
static inline vf vf_mul(vf a, vf b) { return vmulq_f32(a, b); }
static inline vf vf_fma(vf a, vf b, vf c) { return vmlaq_f32(c, a, b); }
static inline vf vf_fms(vf a, vf b, vf c) { return vsubq_f32(vmulq_f32(a, b), c); }
static inline vf vf_max(vf a, vf b) { return vmaxq_f32(a, b); }
static inline vf vf_min(vf a, vf b) { return vminq_f32(a, b); }
// clang-format on

#include "neon_common.h"

static inline bool vf_any_bit(uint32x4_t a)
{
    const uint32x2_t half = vorr_u32(vget_low_u32(a), vget_high_u32(a));

    return (vget_lane_u32(half, 0) | vget_lane_u32(half, 1)) != 0;
}

static inline bool vf_any_gt(vf a, vf b)
{
    return vf_any_bit(vcgtq_f32(a, b));
}

static inline bool vf_all_within(vf a, vf lo, vf hi)
{
    return !vf_any_bit(vmvnq_u32(vandq_u32(vcgeq_f32(a, lo), vcleq_f32(a, hi))));
}

/* The scalar unit divides exactly and knows denormals. */
static inline vf vf_div(vf a, vf b)
{
    return vf_div_by_lane(a, b);
}

#define HEED_HAVE_MUL_GRADUAL
static inline vf vf_mul_gradual(vf a, vf b)
{
    float x[VF_LANES], y[VF_LANES];

    vf_store(x, a);
    vf_store(y, b);
    for (int i = 0; i < VF_LANES; i++)
        x[i] *= y[i];
    return vf_load(x);
}

static inline float vf_reduce_max(vf a)
{
    const float32x2_t half = vmax_f32(vget_low_f32(a), vget_high_f32(a));

    return vget_lane_f32(vpmax_f32(half, half), 0);
}

static inline void vf_transpose(vf r[VF_LANES])
{
    const float32x4x2_t r01 = vtrnq_f32(r[0], r[1]), r23 = vtrnq_f32(r[2], r[3]);

    r[0] = vcombine_f32(vget_low_f32(r01.val[0]), vget_low_f32(r23.val[0]));
    r[1] = vcombine_f32(vget_low_f32(r01.val[1]), vget_low_f32(r23.val[1]));
    r[2] = vcombine_f32(vget_high_f32(r01.val[0]), vget_high_f32(r23.val[0]));
    r[3] = vcombine_f32(vget_high_f32(r01.val[1]), vget_high_f32(r23.val[1]));
}

/* f16 comes from there: its instructions are an option of ARMv7 that -mfpu=neon leaves out. */
#include "common.h"
#endif
