/* SPDX-License-Identifier: MIT */
/* simd/avx512_byte.h - part of avx512.h: i8 and f8, natively; for SIMDe the common words do. */
#ifndef HEED_SIMD_AVX512_BYTE_H
#define HEED_SIMD_AVX512_BYTE_H

#if !HEED_SIMD_EMULATED
static inline __m128i vf_load_bytes(const void *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

#define HEED_HAVE_I8
static inline vf vf_load_i8(const int8_t *p)
{
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(vf_load_bytes(p)));
}

#define HEED_HAVE_F8
/* As in avx2_byte.h. */
static inline vf vf_load_f8(const uint8_t *p)
{
    const __m256i code = _mm256_slli_epi16(_mm256_cvtepu8_epi16(vf_load_bytes(p)), 8);
    const __m256i largest = _mm256_set1_epi16(0x7f00);
    const __m256i is_nan = _mm256_cmpeq_epi16(_mm256_and_si256(code, largest), largest);
    const __m256i half =
        _mm256_and_si256(_mm256_srai_epi16(code, 1), _mm256_set1_epi16((short)0xbfff));

    return vf_mul(_mm512_cvtph_ps(_mm256_or_si256(half, is_nan)), vf_set1(256.0f));
}
#endif

#endif
