/* SPDX-License-Identifier: MIT */
/* simd/avx2_byte.h - part of avx2.h: i8 and f8. */
#ifndef HEED_SIMD_AVX2_BYTE_H
#define HEED_SIMD_AVX2_BYTE_H

static inline __m128i vf_load_bytes(const void *p)
{
    return _mm_loadl_epi64((const __m128i *)p);
}

#define HEED_HAVE_I8
static inline vf vf_load_i8(const int8_t *p)
{
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(vf_load_bytes(p)));
}

#if !HEED_SIMD_EMULATED /* for SIMDe the common words do */
#define HEED_HAVE_F8
/* A 256th of it as f16 (base_byte.h): with its code in the upper byte, a shift by 1 is most of it.
 */
static inline vf vf_load_f8(const uint8_t *p)
{
    const __m128i code = _mm_unpacklo_epi8(_mm_setzero_si128(), vf_load_bytes(p));
    const __m128i largest = _mm_set1_epi16(0x7f00);
    const __m128i is_nan = _mm_cmpeq_epi16(_mm_and_si128(code, largest), largest);
    const __m128i half = _mm_and_si128(_mm_srai_epi16(code, 1), _mm_set1_epi16((short)0xbfff));

    return vf_mul(_mm256_cvtph_ps(_mm_or_si128(half, is_nan)), vf_set1(256.0f));
}
#endif

#endif
