/* SPDX-License-Identifier: MIT */
/* simd/avx2_half.h - part of avx2.h: f16 and bf16. */
#ifndef HEED_SIMD_AVX2_HALF_H
#define HEED_SIMD_AVX2_HALF_H

#if !HEED_SIMD_EMULATED /* for SIMDe the common words do */
#define HEED_HAVE_F16
static inline vf vf_load_f16(const uint16_t *p)
{
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)p));
}

static inline void vf_store_f16(uint16_t *p, vf a)
{
    _mm_storeu_si128((__m128i *)(void *)p, _mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
}
#endif

#define HEED_HAVE_BF16
static inline vf vf_load_bf16(const uint16_t *p)
{
    const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));

    return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
}

static inline void vf_store_bf16(uint16_t *p, vf a)
{
    const __m256i bits = _mm256_castps_si256(a);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    const __m256i rounded =
        _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff)));
    const __m256i quiet = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000));
    const __m256 chosen = _mm256_blendv_ps(_mm256_castsi256_ps(rounded), _mm256_castsi256_ps(quiet),
                                           _mm256_cmp_ps(a, a, _CMP_UNORD_Q));
    const __m256i half = _mm256_srli_epi32(_mm256_castps_si256(chosen), 16);

    _mm_storeu_si128((__m128i *)(void *)p, _mm_packus_epi32(_mm256_castsi256_si128(half),
                                                            _mm256_extracti128_si256(half, 1)));
}

#endif
