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
 * Where the exponent is 0, as if that meant 2^-14 with a leading 1, and then without it:
 * as f32_from_f16 does, so that no float is denormal on the way.
 */
static inline vf vf_load_f8(const uint8_t *p)
{
    const __m128i high = vf_load_high_bytes(p);
    const __m128i size = _mm_srli_epi32(_mm_slli_epi32(high, 1), 5);
    const __m128i sign = _mm_and_si128(high, _mm_set1_epi32(INT32_MIN));
    const __m128i number = _mm_add_epi32(size, _mm_set1_epi32(0x38000000));
    const __m128i above = _mm_add_epi32(size, _mm_set1_epi32(0x38800000));
    const __m128i denormal =
        _mm_castps_si128(_mm_sub_ps(_mm_castsi128_ps(above), _mm_set1_ps(0x1p-14f)));
    const __m128i is_denormal = _mm_cmplt_epi32(size, _mm_set1_epi32(0x00800000));
    const __m128i is_nan = _mm_cmpeq_epi32(size, _mm_set1_epi32(0x07f00000));
    const __m128i chosen =
        _mm_or_si128(_mm_and_si128(is_denormal, denormal), _mm_andnot_si128(is_denormal, number));

    return _mm_castsi128_ps(_mm_or_si128(_mm_or_si128(chosen, is_nan), sign));
}

#define HEED_HAVE_STORE_BYTES
/* The codes of f8, one in each lane; base_byte.h says how. */
static inline __m128i vf_codes_of_f8(vf a)
{
    const __m128i all = _mm_castps_si128(a), one = _mm_set1_epi32(1);
    const vf size = _mm_min_ps(_mm_castsi128_ps(_mm_srli_epi32(_mm_slli_epi32(all, 1), 1)),
                               _mm_set1_ps(VF_MOST_F8)); /* of a NaN the second operand */
    const __m128i bits = _mm_castps_si128(size);
    const __m128i denormal = _mm_sub_epi32(_mm_castps_si128(_mm_add_ps(size, _mm_set1_ps(0x1p14f))),
                                           _mm_set1_epi32(0x46800000));
    const __m128i odd = _mm_and_si128(_mm_srli_epi32(bits, 20), one);
    const __m128i halves = _mm_add_epi32(odd, _mm_set1_epi32(0x7ffff - 0x3c000000));
    const __m128i number = _mm_srli_epi32(_mm_add_epi32(bits, halves), 20);
    const __m128i is_denormal = _mm_cmplt_epi32(bits, _mm_set1_epi32(0x3c800000));
    const __m128i chosen =
        _mm_or_si128(_mm_and_si128(is_denormal, denormal), _mm_andnot_si128(is_denormal, number));
    const __m128i nan = _mm_srli_epi32(_mm_castps_si128(_mm_cmpunord_ps(a, a)), 25);
    const __m128i sign = _mm_slli_epi32(_mm_srli_epi32(all, 31), 7);

    return _mm_or_si128(_mm_or_si128(chosen, nan), sign);
}

static inline void vf_store_f8(uint8_t *p, vf a)
{
    const __m128i codes = vf_codes_of_f8(a), half = _mm_packs_epi32(codes, codes);
    const int32_t bytes = _mm_cvtsi128_si32(_mm_packus_epi16(half, half));

    memcpy(p, &bytes, sizeof bytes);
}

static inline void vf_store_i8(int8_t *p, vf a)
{
    const vf within = vf_min(vf_max(a, vf_set1(-VF_MOST_I8)), vf_set1(VF_MOST_I8));
    const __m128i n = _mm_cvtps_epi32(within), half = _mm_packs_epi32(n, n);
    const int32_t bytes = _mm_cvtsi128_si32(_mm_packs_epi16(half, half));

    memcpy(p, &bytes, sizeof bytes);
}

#endif
