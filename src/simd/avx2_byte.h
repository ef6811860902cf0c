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
/* As f16 (base_byte.h): 16 bits of its sign and it, shifted, have a bit of the exponent too many.
 */
static inline __m128i vf_half_of_f8(__m128i code)
{
    return _mm_and_si128(_mm_slli_epi16(code, 7), _mm_set1_epi16((short)0xbfff));
}

static inline vf vf_load_f8(const uint8_t *p)
{
    const __m128i code = _mm_cvtepi8_epi16(vf_load_bytes(p)), largest = _mm_set1_epi16(0x7f);
    const __m128i is_nan = _mm_cmpeq_epi16(_mm_and_si128(code, largest), largest);

    return _mm256_cvtph_ps(_mm_or_si128(vf_half_of_f8(code), is_nan));
}

#define HEED_HAVE_F8_FINITE
static inline vf vf_load_f8_finite(const uint8_t *p)
{
    return _mm256_cvtph_ps(vf_half_of_f8(_mm_cvtepi8_epi16(vf_load_bytes(p))));
}
#endif

#define HEED_HAVE_F8_ALL_FINITE
/* The largest size of 64 at a time: two instructions for 32, where the common words take four. */
static inline bool f8_all_finite(const uint8_t *p, size_t n)
{
    const __m256i sizes = _mm256_set1_epi8(0x7f);
    __m256i top = _mm256_setzero_si256(), other = top;
    size_t i = 0;
    uint8_t rest = 0;

    for (; i + 64 <= n; i += 64) {
        const __m256i *x = (const __m256i *)(const void *)(p + i);

        top = _mm256_max_epu8(top, _mm256_and_si256(_mm256_loadu_si256(x), sizes));
        other = _mm256_max_epu8(other, _mm256_and_si256(_mm256_loadu_si256(x + 1), sizes));
    }
    for (; i < n; i++)
        rest |= (p[i] & 0x7f) == 0x7f;
    return !rest && !_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(top, other), sizes));
}

#define HEED_HAVE_STORE_BYTES
/* The codes of f8, one in each lane; base_byte.h says how. */
static inline __m256i vf_codes_of_f8(vf a)
{
    const __m256i all = _mm256_castps_si256(a);
    const vf size =
        _mm256_min_ps(_mm256_castsi256_ps(_mm256_and_si256(all, _mm256_set1_epi32(0x7fffffff))),
                      _mm256_set1_ps(VF_MOST_F8)); /* of a NaN the second operand */
    const __m256i bits = _mm256_castps_si256(size);
    const __m256i denormal =
        _mm256_sub_epi32(_mm256_castps_si256(_mm256_add_ps(size, _mm256_set1_ps(0x1p14f))),
                         _mm256_set1_epi32(0x46800000));
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 20), _mm256_set1_epi32(1));
    const __m256i halves = _mm256_add_epi32(odd, _mm256_set1_epi32(0x7ffff - 0x3c000000));
    const __m256i number = _mm256_srli_epi32(_mm256_add_epi32(bits, halves), 20);
    const __m256i is_number = _mm256_cmpgt_epi32(bits, _mm256_set1_epi32(0x3c7fffff));
    const __m256i chosen = _mm256_blendv_epi8(denormal, number, is_number);
    const __m256i nan =
        _mm256_srli_epi32(_mm256_castps_si256(_mm256_cmp_ps(a, a, _CMP_UNORD_Q)), 25);
    const __m256i sign = _mm256_slli_epi32(_mm256_srli_epi32(all, 31), 7);

    return _mm256_or_si256(_mm256_or_si256(chosen, nan), sign);
}

/* Lanes of 32 bits to 16, which hold them. */
static inline __m128i vf_pack_lanes(__m256i a)
{
    return _mm_packs_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
}

static inline void vf_store_f8(uint8_t *p, vf a)
{
    const __m128i half = vf_pack_lanes(vf_codes_of_f8(a));

    _mm_storel_epi64((__m128i *)(void *)p, _mm_packus_epi16(half, half));
}

static inline void vf_store_i8(int8_t *p, vf a)
{
    const vf within = vf_min(vf_max(a, vf_set1(-VF_MOST_I8)), vf_set1(VF_MOST_I8));
    const __m128i half = vf_pack_lanes(_mm256_cvtps_epi32(within));

    _mm_storel_epi64((__m128i *)(void *)p, _mm_packs_epi16(half, half));
}

#endif
