/* SPDX-License-Identifier: MIT */
/* simd/sve_half.h - part of sve.h: f16 and bf16, which stand in the lower half of each lane. */
#ifndef HEED_SIMD_SVE_HALF_H
#define HEED_SIMD_SVE_HALF_H

static inline vf vf_from_f16(svuint32_t half)
{
    return svcvt_f32_f16_x(ALL, svreinterpret_f16_u32(half));
}

static inline svuint32_t vf_to_f16(vf a)
{
    return svreinterpret_u32_f16(svcvt_f16_f32_x(ALL, a));
}

static inline vf vf_from_bf16(svuint32_t half)
{
    return svreinterpret_f32_u32(svlsl_n_u32_x(ALL, half, 16));
}

/* Not BFCVT, which not all SVE has. */
static inline svuint32_t vf_to_bf16(vf a)
{
    const svuint32_t bits = svreinterpret_u32_f32(a);
    const svuint32_t odd = svand_n_u32_x(ALL, svlsr_n_u32_x(ALL, bits, 16), 1);
    const svuint32_t rounded = svadd_u32_x(ALL, bits, svadd_n_u32_x(ALL, odd, 0x7fff));
    const svuint32_t quiet = svorr_n_u32_x(ALL, bits, 0x400000);

    return svlsr_n_u32_x(ALL, svsel_u32(svcmpuo_f32(ALL, a, a), quiet, rounded), 16);
}

#define HEED_HAVE_NEAREST_BF16
static inline vf vf_nearest_bf16(vf a)
{
    return vf_from_bf16(vf_to_bf16(a));
}

#define HEED_HAVE_F16
#define HEED_HAVE_BF16
#define HEED_HAVE_PARTIAL_HALF
// clang-format off
static inline vf vf_load_f16_n(const uint16_t *p, size_t n) { return vf_from_f16(svld1uh_u32(first_lanes(n), p)); }
static inline vf vf_load_bf16_n(const uint16_t *p, size_t n) { return vf_from_bf16(svld1uh_u32(first_lanes(n), p)); }
static inline void vf_store_f16_n(uint16_t *p, vf a, size_t n) { svst1h_u32(first_lanes(n), p, vf_to_f16(a)); }
static inline void vf_store_bf16_n(uint16_t *p, vf a, size_t n) { svst1h_u32(first_lanes(n), p, vf_to_bf16(a)); }
static inline vf vf_load_f16(const uint16_t *p) { return vf_from_f16(svld1uh_u32(ALL, p)); }
static inline vf vf_load_bf16(const uint16_t *p) { return vf_from_bf16(svld1uh_u32(ALL, p)); }
static inline void vf_store_f16(uint16_t *p, vf a) { svst1h_u32(ALL, p, vf_to_f16(a)); }
static inline void vf_store_bf16(uint16_t *p, vf a) { svst1h_u32(ALL, p, vf_to_bf16(a)); }
// clang-format on

#endif
