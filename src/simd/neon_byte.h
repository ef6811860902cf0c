/* SPDX-License-Identifier: MIT */
/* simd/neon_byte.h - part of neon_common.h: i8 and f8. */
#ifndef HEED_SIMD_NEON_BYTE_H
#define HEED_SIMD_NEON_BYTE_H

/* Four bytes, and nothing after them. */
static inline uint8x8_t vf_load_bytes(const void *p)
{
    uint32_t bytes;

    memcpy(&bytes, p, sizeof bytes);
    return vreinterpret_u8_u32(vdup_n_u32(bytes));
}

#define HEED_HAVE_I8
static inline vf vf_load_i8(const int8_t *p)
{
    const int16x8_t wide = vmovl_s8(vreinterpret_s8_u8(vf_load_bytes(p)));

    return vcvtq_f32_s32(vmovl_s16(vget_low_s16(wide)));
}

#define HEED_HAVE_F8
/*
 * Where the exponent is 0, as if that meant 2^-14 with a leading 1, and then without it:
 * as f32_from_f16 does, so that no float is denormal on the way.
 */
static inline vf vf_load_f8(const uint8_t *p)
{
    const uint32x4_t code = vmovl_u16(vget_low_u16(vmovl_u8(vf_load_bytes(p))));
    const uint32x4_t sign = vshlq_n_u32(vshrq_n_u32(code, 7), 31);
    const uint32x4_t size = vshlq_n_u32(vandq_u32(code, vdupq_n_u32(0x7f)), 20);
    const uint32x4_t number = vaddq_u32(size, vdupq_n_u32(0x38000000));
    const float32x4_t above = vreinterpretq_f32_u32(vaddq_u32(size, vdupq_n_u32(0x38800000)));
    const uint32x4_t denormal = vreinterpretq_u32_f32(vsubq_f32(above, vdupq_n_f32(0x1p-14f)));
    const uint32x4_t is_denormal = vcltq_u32(size, vdupq_n_u32(0x00800000));
    const uint32x4_t is_nan = vceqq_u32(size, vdupq_n_u32(0x07f00000));
    const uint32x4_t chosen = vorrq_u32(vbslq_u32(is_denormal, denormal, number), is_nan);

    return vreinterpretq_f32_u32(vorrq_u32(chosen, sign));
}

#define HEED_HAVE_STORE_BYTES
/* The lowest byte of each lane. */
static inline void vf_store_low_bytes(void *p, uint32x4_t a)
{
    const uint16x4_t half = vmovn_u32(a);
    const uint8x8_t quarter = vmovn_u16(vcombine_u16(half, half));
    const uint32_t bytes = vget_lane_u32(vreinterpret_u32_u8(quarter), 0);

    memcpy(p, &bytes, sizeof bytes);
}

/* base_byte.h says how. */
static inline void vf_store_f8(uint8_t *p, vf a)
{
    const uint32x4_t all = vreinterpretq_u32_f32(a), is_number = vceqq_f32(a, a);
    const uint32x4_t positive = vandq_u32(all, vdupq_n_u32(0x7fffffff));
    const uint32x4_t bits = vminq_u32(positive, vdupq_n_u32(0x43e00000)); /* 448 */
    const float32x4_t above = vaddq_f32(vreinterpretq_f32_u32(bits), vdupq_n_f32(0x1p14f));
    const uint32x4_t denormal = vsubq_u32(vreinterpretq_u32_f32(above), vdupq_n_u32(0x46800000));
    const uint32x4_t odd = vandq_u32(vshrq_n_u32(bits, 20), vdupq_n_u32(1));
    const uint32x4_t halves = vaddq_u32(odd, vdupq_n_u32(0x7ffffu - 0x3c000000u));
    const uint32x4_t number = vshrq_n_u32(vaddq_u32(bits, halves), 20);
    const uint32x4_t is_denormal = vcltq_u32(bits, vdupq_n_u32(0x3c800000));
    const uint32x4_t chosen = vbslq_u32(is_denormal, denormal, number);
    const uint32x4_t or_nan = vbslq_u32(is_number, chosen, vdupq_n_u32(0x7f));

    vf_store_low_bytes(p, vorrq_u32(or_nan, vshlq_n_u32(vshrq_n_u32(all, 31), 7)));
}

static inline void vf_store_i8(int8_t *p, vf a)
{
    const vf within = vf_min(vf_max(a, vf_set1(-VF_MOST_I8)), vf_set1(VF_MOST_I8));

    vf_store_low_bytes(p, vreinterpretq_u32_f32(vf_add(within, vf_set1(VF_MAGIC))));
}

#endif
