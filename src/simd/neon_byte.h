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
 * Where the exponent is 0, as if that meant 2^-6 with a leading 1, and then without it:
 * as f32_from_f16 does, so that no float is denormal on the way.
 */
static inline vf vf_load_f8(const uint8_t *p)
{
    const uint32x4_t code = vmovl_u16(vget_low_u16(vmovl_u8(vf_load_bytes(p))));
    const uint32x4_t sign = vshlq_n_u32(vshrq_n_u32(code, 7), 31);
    const uint32x4_t size = vshlq_n_u32(vandq_u32(code, vdupq_n_u32(0x7f)), 20);
    const uint32x4_t number = vaddq_u32(size, vdupq_n_u32(0x3c000000));
    const float32x4_t above = vreinterpretq_f32_u32(vaddq_u32(size, vdupq_n_u32(0x3c800000)));
    const uint32x4_t denormal = vreinterpretq_u32_f32(vsubq_f32(above, vdupq_n_f32(0x1p-6f)));
    const uint32x4_t is_denormal = vcltq_u32(size, vdupq_n_u32(0x00800000));
    const uint32x4_t is_nan = vceqq_u32(size, vdupq_n_u32(0x07f00000));
    const uint32x4_t chosen = vorrq_u32(vbslq_u32(is_denormal, denormal, number), is_nan);

    return vreinterpretq_f32_u32(vorrq_u32(chosen, sign));
}

#endif
