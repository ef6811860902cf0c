/* SPDX-License-Identifier: MIT */
/* simd/sse2_byte.h - part of sse2.h: i8 and f8. */
#ifndef HEED_SIMD_SSE2_BYTE_H
#define HEED_SIMD_SSE2_BYTE_H

/* Four bytes, each in the highest of its lane, over zeros. */
static inline __m128i vf_load_high_bytes(const void *p)
{
    const __m128i zero = _mm_setzero_si128();
    int32_t bytes;

    memcpy(&bytes, p, sizeof bytes);
    return _mm_unpacklo_epi16(zero, _mm_unpacklo_epi8(zero, _mm_cvtsi32_si128(bytes)));
}

#define HEED_HAVE_I8
static inline vf vf_load_i8(const int8_t *p)
{
    return _mm_cvtepi32_ps(_mm_srai_epi32(vf_load_high_bytes(p), 24));
}

#define HEED_HAVE_F8
/*
 * Where the exponent is 0, as if that meant 2^-6 with a leading 1, and then without it:
 * as f32_from_f16 does, so that no float is denormal on the way.
 */
static inline vf vf_load_f8(const uint8_t *p)
{
    const __m128i high = vf_load_high_bytes(p);
    const __m128i size = _mm_srli_epi32(_mm_slli_epi32(high, 1), 5);
    const __m128i sign = _mm_and_si128(high, _mm_set1_epi32(INT32_MIN));
    const __m128i number = _mm_add_epi32(size, _mm_set1_epi32(0x3c000000));
    const __m128i above = _mm_add_epi32(size, _mm_set1_epi32(0x3c800000));
    const __m128i denormal =
        _mm_castps_si128(_mm_sub_ps(_mm_castsi128_ps(above), _mm_set1_ps(0x1p-6f)));
    const __m128i is_denormal = _mm_cmplt_epi32(size, _mm_set1_epi32(0x00800000));
    const __m128i is_nan = _mm_cmpeq_epi32(size, _mm_set1_epi32(0x07f00000));
    const __m128i chosen =
        _mm_or_si128(_mm_and_si128(is_denormal, denormal), _mm_andnot_si128(is_denormal, number));

    return _mm_castsi128_ps(_mm_or_si128(_mm_or_si128(chosen, is_nan), sign));
}

#endif
