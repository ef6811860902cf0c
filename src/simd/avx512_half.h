/* SPDX-License-Identifier: MIT */
/* simd/avx512_half.h - part of avx512.h: f16 and bf16. */
#ifndef HEED_SIMD_AVX512_HALF_H
#define HEED_SIMD_AVX512_HALF_H

#if !HEED_SIMD_EMULATED /* SIMDe 0.7.4 lacks these */
static inline __m256i vf_half_load(const uint16_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

static inline __m256i vf_half_load_n(const uint16_t *p, size_t n)
{
    return _mm256_maskz_loadu_epi16((__mmask16)((1u << n) - 1u), p);
}

static inline void vf_half_store(uint16_t *p, __m256i half)
{
    _mm256_storeu_si256((__m256i *)(void *)p, half);
}

static inline void vf_half_store_n(uint16_t *p, __m256i half, size_t n)
{
    _mm256_mask_storeu_epi16(p, (__mmask16)((1u << n) - 1u), half);
}

static inline __m256i vf_to_f16(vf a)
{
    return _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT);
}
#endif

/* In the lower half of each lane.  Not VCVTNEPS2BF16: it flushes denormals. */
static inline __m512i vf_round_to_bf16(vf a)
{
    const __m512i bits = _mm512_castps_si512(a), quiet = _mm512_set1_epi32(0x400000);
    const __m512i odd = _mm512_and_epi32(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    const __m512i rounded =
        _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));

    return _mm512_srli_epi32(
        _mm512_mask_or_epi32(rounded, _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q), bits, quiet), 16);
}

#define HEED_HAVE_NEAREST_BF16
static inline vf vf_nearest_bf16(vf a)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(vf_round_to_bf16(a), 16));
}

#define HEED_HAVE_BF16
#if !HEED_SIMD_EMULATED
#define HEED_HAVE_F16
#define HEED_HAVE_PARTIAL_HALF
static inline vf vf_from_bf16(__m256i half)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

static inline __m256i vf_to_bf16(vf a)
{
    return _mm512_cvtepi32_epi16(vf_round_to_bf16(a));
}

// clang-format off
static inline vf vf_load_f16(const uint16_t *p) { return _mm512_cvtph_ps(vf_half_load(p)); }
static inline vf vf_load_f16_n(const uint16_t *p, size_t n) { return _mm512_cvtph_ps(vf_half_load_n(p, n)); }
static inline vf vf_load_bf16(const uint16_t *p) { return vf_from_bf16(vf_half_load(p)); }
static inline vf vf_load_bf16_n(const uint16_t *p, size_t n) { return vf_from_bf16(vf_half_load_n(p, n)); }
static inline void vf_store_f16(uint16_t *p, vf a) { vf_half_store(p, vf_to_f16(a)); }
static inline void vf_store_f16_n(uint16_t *p, vf a, size_t n) { vf_half_store_n(p, vf_to_f16(a), n); }
static inline void vf_store_bf16(uint16_t *p, vf a) { vf_half_store(p, vf_to_bf16(a)); }
static inline void vf_store_bf16_n(uint16_t *p, vf a, size_t n) { vf_half_store_n(p, vf_to_bf16(a), n); }
// clang-format on
#else
static inline vf vf_load_bf16(const uint16_t *p)
{
    uint32_t lane[VF_LANES];

    for (size_t i = 0; i < VF_LANES; i++)
        lane[i] = (uint32_t)p[i] << 16;
    return _mm512_castsi512_ps(_mm512_loadu_si512(lane));
}

static inline void vf_store_bf16(uint16_t *p, vf a)
{
    uint32_t lane[VF_LANES];

    _mm512_storeu_si512(lane, vf_round_to_bf16(a));
    for (size_t i = 0; i < VF_LANES; i++)
        p[i] = (uint16_t)lane[i];
}
#endif

#endif
