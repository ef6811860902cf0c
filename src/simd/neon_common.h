/* SPDX-License-Identifier: MIT */
/* simd/neon_common.h - the words that AArch64 and ARMv7 NEON spell alike. */
#ifndef HEED_SIMD_NEON_COMMON_H
#define HEED_SIMD_NEON_COMMON_H

static inline vf vf_zero_if_lt(vf a, vf x, vf lo)
{
    return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(a), vcltq_f32(x, lo)));
}

static inline vf vf_scale_by_magic(vf p, vf magic)
{
    const int32x4_t n = vcvtq_s32_f32(vsubq_f32(magic, vdupq_n_f32(VF_MAGIC)));
    const uint32x4_t exponent = vshlq_n_u32(vreinterpretq_u32_s32(n), 23);

    return vreinterpretq_f32_u32(vaddq_u32(vreinterpretq_u32_f32(p), exponent));
}

#define HEED_HAVE_SCALE_NUMBER
static inline vf vf_scale_number(vf p, vf magic)
{
    const uint32x4_t exponent = vshlq_n_u32(vreinterpretq_u32_f32(magic), 23);

    return vreinterpretq_f32_u32(vaddq_u32(vreinterpretq_u32_f32(p), exponent));
}

/* By halves, as the other instruction sets do it (AArch64's vaddvq goes by neighbours). */
static inline float vf_reduce_add(vf a)
{
    const float32x2_t half = vadd_f32(vget_low_f32(a), vget_high_f32(a));

    return vget_lane_f32(vpadd_f32(half, half), 0);
}

static inline uint32x4_t vf_own_bits(void)
{
    static const uint32_t own[] = {1, 2, 4, 8};

    return vld1q_u32(own);
}

#define HEED_HAVE_BITS_LT
static inline uint32_t vf_bits_lt(vf a, vf b)
{
    const uint32x4_t set = vandq_u32(vcltq_f32(a, b), vf_own_bits());
    const uint32x2_t half = vorr_u32(vget_low_u32(set), vget_high_u32(set));

    return vget_lane_u32(half, 0) | vget_lane_u32(half, 1);
}

#define HEED_HAVE_KEEP_BITS
static inline vf vf_keep_bits(vf a, uint32_t bits, vf b)
{
    return vbslq_f32(vtstq_u32(vdupq_n_u32(bits), vf_own_bits()), a, b);
}

#define HEED_HAVE_PAIRS
static inline void vf_load_pairs(const float *p, vf *first, vf *second)
{
    const float32x4x2_t pairs = vld2q_f32(p);

    *first = pairs.val[0];
    *second = pairs.val[1];
}

static inline void vf_store_pairs(float *p, vf first, vf second)
{
    const float32x4x2_t pairs = {{first, second}};

    vst2q_f32(p, pairs);
}

/* For ARMv7, which has no vector division, and for SIMDe 0.7.4, which lacks it. */
static inline vf vf_div_by_lane(vf a, vf b)
{
    float x[VF_LANES], y[VF_LANES];

    vf_store(x, a);
    vf_store(y, b);
    for (int i = 0; i < VF_LANES; i++)
        x[i] /= y[i];
    return vf_load(x);
}

#define HEED_HAVE_BF16
static inline vf vf_load_bf16(const uint16_t *p)
{
    return vreinterpretq_f32_u32(vshlq_n_u32(vmovl_u16(vld1_u16(p)), 16));
}

/* In the upper half of each lane; in the other is what remains. */
static inline uint32x4_t vf_round_to_bf16(vf a)
{
    const uint32x4_t bits = vreinterpretq_u32_f32(a);
    const uint32x4_t odd = vandq_u32(vshrq_n_u32(bits, 16), vdupq_n_u32(1));
    const uint32x4_t rounded = vaddq_u32(bits, vaddq_u32(odd, vdupq_n_u32(0x7fff)));
    const uint32x4_t quiet = vorrq_u32(bits, vdupq_n_u32(0x400000));

    return vbslq_u32(vceqq_f32(a, a), rounded, quiet);
}

static inline void vf_store_bf16(uint16_t *p, vf a)
{
    /* Compilers make one instruction of it, which SIMDe 0.7.4 lacks. */
    vst1_u16(p, vmovn_u32(vshrq_n_u32(vf_round_to_bf16(a), 16)));
}

#define HEED_HAVE_NEAREST_BF16
static inline vf vf_nearest_bf16(vf a)
{
    return vreinterpretq_f32_u32(vandq_u32(vf_round_to_bf16(a), vdupq_n_u32(0xffff0000)));
}

#include "neon_byte.h"

#endif
