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
static inline __m256i vf_half_of_f8(__m256i code)
{
    return _mm256_and_si256(_mm256_slli_epi16(code, 7), _mm256_set1_epi16((short)0xbfff));
}

static inline vf vf_load_f8(const uint8_t *p)
{
    const __m256i code = _mm256_cvtepi8_epi16(vf_load_bytes(p)), largest = _mm256_set1_epi16(0x7f);
    const __m256i is_nan = _mm256_cmpeq_epi16(_mm256_and_si256(code, largest), largest);

    return _mm512_cvtph_ps(_mm256_or_si256(vf_half_of_f8(code), is_nan));
}

#define HEED_HAVE_F8_FINITE
static inline vf vf_load_f8_finite(const uint8_t *p)
{
    return _mm512_cvtph_ps(vf_half_of_f8(_mm256_cvtepi8_epi16(vf_load_bytes(p))));
}

#define HEED_HAVE_STORE_BYTES
/* base_byte.h says how. */
static inline void vf_store_f8(uint8_t *p, vf a)
{
    const __m512i all = _mm512_castps_si512(a);
    const vf size =
        _mm512_min_ps(_mm512_castsi512_ps(_mm512_and_epi32(all, _mm512_set1_epi32(0x7fffffff))),
                      _mm512_set1_ps(VF_MOST_F8)); /* of a NaN the second operand */
    const __m512i bits = _mm512_castps_si512(size);
    const __m512i denormal =
        _mm512_sub_epi32(_mm512_castps_si512(_mm512_add_ps(size, _mm512_set1_ps(0x1p14f))),
                         _mm512_set1_epi32(0x46800000));
    const __m512i odd = _mm512_and_epi32(_mm512_srli_epi32(bits, 20), _mm512_set1_epi32(1));
    const __m512i halves = _mm512_add_epi32(odd, _mm512_set1_epi32(0x7ffff - 0x3c000000));
    const __m512i number = _mm512_srli_epi32(_mm512_add_epi32(bits, halves), 20);
    const __mmask16 is_number = _mm512_cmpgt_epi32_mask(bits, _mm512_set1_epi32(0x3c7fffff));
    const __m512i chosen = _mm512_mask_mov_epi32(denormal, is_number, number);
    const __m512i or_nan = _mm512_mask_mov_epi32(chosen, _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q),
                                                 _mm512_set1_epi32(0x7f));
    const __m512i sign = _mm512_slli_epi32(_mm512_srli_epi32(all, 31), 7);

    _mm_storeu_si128((__m128i *)(void *)p, _mm512_cvtepi32_epi8(_mm512_or_epi32(or_nan, sign)));
}

static inline void vf_store_i8(int8_t *p, vf a)
{
    const vf within = vf_min(vf_max(a, vf_set1(-VF_MOST_I8)), vf_set1(VF_MOST_I8));

    _mm_storeu_si128((__m128i *)(void *)p, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(within)));
}
#endif

#endif
