/* SPDX-License-Identifier: MIT */
/* simd/sse2_half.h - part of sse2.h: f16 and bf16, the formulas of base.h lane by lane. */
#ifndef HEED_SIMD_SSE2_HALF_H
#define HEED_SIMD_SSE2_HALF_H

/* yes where the mask is set, else no. */
static inline __m128i vf_choose(__m128i mask, __m128i yes, __m128i no)
{
    return _mm_or_si128(_mm_and_si128(mask, yes), _mm_andnot_si128(mask, no));
}

/* Packs lanes whose upper half continues the sign of the lower: SSE2 saturates as signed. */
static inline void vf_half_store(uint16_t *p, __m128i lane)
{
    _mm_storel_epi64((__m128i *)(void *)p, _mm_packs_epi32(lane, lane));
}

#define HEED_HAVE_BF16
static inline vf vf_load_bf16(const uint16_t *p)
{
    const __m128i half = _mm_loadl_epi64((const __m128i *)(const void *)p);

    return _mm_castsi128_ps(_mm_unpacklo_epi16(_mm_setzero_si128(), half));
}

static inline void vf_store_bf16(uint16_t *p, vf a)
{
    const __m128i bits = _mm_castps_si128(a), nan = _mm_castps_si128(_mm_cmpunord_ps(a, a));
    const __m128i odd = _mm_and_si128(_mm_srli_epi32(bits, 16), _mm_set1_epi32(1));
    const __m128i rounded = _mm_add_epi32(bits, _mm_add_epi32(odd, _mm_set1_epi32(0x7fff)));
    const __m128i quiet = _mm_or_si128(bits, _mm_set1_epi32(0x400000));

    vf_half_store(p, _mm_srai_epi32(vf_choose(nan, quiet, rounded), 16));
}

#define HEED_HAVE_F16
static inline vf vf_load_f16(const uint16_t *p)
{
    const __m128i half = _mm_loadl_epi64((const __m128i *)(const void *)p);
    /* The sign spreads over the upper bits of the lane. */
    const __m128i wide = _mm_srai_epi32(_mm_unpacklo_epi16(_mm_setzero_si128(), half), 16);
    const __m128i bits = _mm_slli_epi32(_mm_and_si128(wide, _mm_set1_epi32(0x7fff)), 13);
    const __m128i sign = _mm_and_si128(wide, _mm_set1_epi32(INT32_MIN));
    const __m128 denormal = _mm_sub_ps(
        _mm_castsi128_ps(_mm_add_epi32(bits, _mm_set1_epi32(0x38800000))), _mm_set1_ps(0x1p-14f));
    const __m128i bias = _mm_set1_epi32(0x38000000);
    const __m128i infinite = _mm_cmpgt_epi32(bits, _mm_set1_epi32(0x0f7fffff));
    const __m128i nan = _mm_cmpgt_epi32(bits, _mm_set1_epi32(0x0f800000));
    __m128i number = _mm_add_epi32(_mm_add_epi32(bits, bias), _mm_and_si128(infinite, bias));

    number = _mm_or_si128(number, _mm_and_si128(nan, _mm_set1_epi32(0x400000)));
    number = vf_choose(_mm_cmplt_epi32(bits, _mm_set1_epi32(0x00800000)),
                       _mm_castps_si128(denormal), number);
    return _mm_castsi128_ps(_mm_or_si128(sign, number));
}

static inline void vf_store_f16(uint16_t *p, vf a)
{
    const __m128i bits = _mm_and_si128(_mm_castps_si128(a), _mm_set1_epi32(0x7fffffff));
    const __m128i sign = _mm_slli_epi32(_mm_srai_epi32(_mm_castps_si128(a), 31), 15);
    const __m128i denormal =
        _mm_sub_epi32(_mm_castps_si128(_mm_add_ps(_mm_castsi128_ps(bits), _mm_set1_ps(0.5f))),
                      _mm_set1_epi32(0x3f000000));
    const __m128i kept = _mm_srli_epi32(bits, 13), odd = _mm_and_si128(kept, _mm_set1_epi32(1));
    const __m128i rounded = _mm_srli_epi32(
        _mm_add_epi32(_mm_add_epi32(bits, odd), _mm_set1_epi32(0x0fff - 0x38000000)), 13);
    const __m128i nan = _mm_cmpgt_epi32(bits, _mm_set1_epi32(0x7f800000));
    const __m128i payload =
        _mm_or_si128(_mm_set1_epi32(0x200), _mm_and_si128(kept, _mm_set1_epi32(0x3ff)));
    const __m128i infinite = _mm_or_si128(_mm_set1_epi32(0x7c00), _mm_and_si128(nan, payload));
    __m128i half = vf_choose(_mm_cmplt_epi32(bits, _mm_set1_epi32(0x47800000)), rounded, infinite);

    half = vf_choose(_mm_cmplt_epi32(bits, _mm_set1_epi32(0x38800000)), denormal, half);
    vf_half_store(p, _mm_or_si128(sign, half));
}

#endif
