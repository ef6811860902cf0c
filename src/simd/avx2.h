/* SPDX-License-Identifier: MIT */
/* simd/avx2.h - the vocabulary on 8 lanes of AVX2 and FMA. */
#ifndef HEED_SIMD_AVX2_H
#define HEED_SIMD_AVX2_H

#include "base.h"

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx2.h>
#include <simde/x86/f16c.h>
#include <simde/x86/fma.h>

#if defined(SIMDE_X86_AVX2_NATIVE) && defined(SIMDE_X86_FMA_NATIVE)
#define HEED_SIMD_EMULATED 0
#else
#define HEED_SIMD_EMULATED 1
#endif
#define VF_LANES 8
#define VF_FUSES (!HEED_SIMD_EMULATED)
/* 12 accumulators, 2 vectors of keys, 1 broadcast: 15 of 16 registers. */
#define TILE_ROWS 6
#define TILE_VECS 2
#define EXP2_VECS 2 /* rows of 64 weights: 17.7 ns, with 4 of them 18.4 */

typedef __m256 vf;

// clang-format off
static inline vf vf_zero(void) { return _mm256_setzero_ps(); }
static inline vf vf_set1(float x) { return _mm256_set1_ps(x); }
static inline vf vf_load(const float *p) { return _mm256_loadu_ps(p); }
static inline void vf_store(float *p, vf a) { _mm256_storeu_ps(p, a); }
static inline vf vf_add(vf a, vf b) { return _mm256_add_ps(a, b); }
static inline vf vf_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
static inline vf vf_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
static inline vf vf_div(vf a, vf b) { return _mm256_div_ps(a, b); }
static inline vf vf_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
static inline vf vf_fms(vf a, vf b, vf c) { return _mm256_fmsub_ps(a, b, c); }
static inline vf vf_max(vf a, vf b) { return _mm256_max_ps(a, b); }
static inline vf vf_min(vf a, vf b) { return _mm256_min_ps(a, b); }
// clang-format on

static inline vf vf_zero_if_lt(vf a, vf x, vf lo)
{
    return _mm256_and_ps(_mm256_cmp_ps(x, lo, _CMP_NLT_UQ), a);
}

static inline bool vf_any_gt(vf a, vf b)
{
    return _mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ)) != 0;
}

static inline bool vf_all_within(vf a, vf lo, vf hi)
{
    const __m256 in =
        _mm256_and_ps(_mm256_cmp_ps(a, lo, _CMP_GE_OQ), _mm256_cmp_ps(a, hi, _CMP_LE_OQ));

    return _mm256_movemask_ps(in) == 0xff;
}

#if defined(__GNUC__) && !HEED_SIMD_EMULATED
#define HEED_HAVE_IN_STEP
static inline void vf_in_step(vf *x)
{
    __asm__ volatile("" : "+x"(*x) : : "memory");
}
#endif

static inline vf vf_scale_by_magic(vf p, vf magic)
{
    const __m256i n = _mm256_cvtps_epi32(_mm256_sub_ps(magic, _mm256_set1_ps(VF_MAGIC)));
    const __m256i exponent = _mm256_slli_epi32(n, 23);

    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), exponent));
}

#define HEED_HAVE_SCALE_NUMBER
static inline vf vf_scale_number(vf p, vf magic)
{
    const __m256i exponent = _mm256_slli_epi32(_mm256_castps_si256(magic), 23);

    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), exponent));
}

/* Without their signs floats are ordered as integers are, and NaN is the largest. */
#define HEED_HAVE_SIZES_WITHIN
static inline bool vf_sizes_within(const vf *x, int n, float most)
{
    const __m256i sign = _mm256_set1_epi32((int)0x80000000);
    const __m256i last = _mm256_castps_si256(_mm256_set1_ps(most));
    __m256i top = _mm256_setzero_si256();

    for (int i = 0; i < n; i++)
        top = _mm256_max_epu32(top, _mm256_andnot_si256(sign, _mm256_castps_si256(x[i])));
    return _mm256_movemask_epi8(_mm256_cmpgt_epi32(top, last)) == 0;
}

static inline float vf_reduce_add(vf a)
{
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));

    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    s = _mm_add_ss(s, _mm_shuffle_ps(s, s, 1));
    return _mm_cvtss_f32(s);
}

static inline float vf_reduce_max(vf a)
{
    __m128 s = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));

    s = _mm_max_ps(s, _mm_movehl_ps(s, s));
    s = _mm_max_ss(s, _mm_shuffle_ps(s, s, 1));
    return _mm_cvtss_f32(s);
}

static inline __m256i vf_first_lanes(size_t n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

#define HEED_HAVE_KEEP_FIRST
static inline vf vf_keep_first(vf a, size_t n, vf b)
{
    return _mm256_blendv_ps(b, a, _mm256_castsi256_ps(vf_first_lanes(n)));
}

#if !HEED_SIMD_EMULATED /* SIMDe 0.7.4 on NEON loads every lane and masks afterwards */
#define HEED_HAVE_PARTIAL
static inline vf vf_load_n(const float *p, size_t n)
{
    return _mm256_maskload_ps(p, vf_first_lanes(n));
}

/* Not maskstore: 1 per 12 cycles on AMD's Zen 3, more than all of this. */
static inline void vf_store_n(float *p, vf a, size_t n)
{
    __m128 rest = _mm256_castps256_ps128(a);

    if (n & 4) {
        _mm_storeu_ps(p, rest);
        rest = _mm256_extractf128_ps(a, 1);
        p += 4;
    }
    if (n & 2) {
        _mm_storel_pi((__m64 *)(void *)p, rest);
        rest = _mm_movehl_ps(rest, rest);
        p += 2;
    }
    if (n & 1)
        _mm_store_ss(p, rest);
}
#endif

/* Pairs, then quads, then halves: 24 shuffles for 64 numbers. */
static inline void vf_transpose(vf r[VF_LANES])
{
    vf pair[8], quad[8];

    for (int i = 0; i < 8; i += 2) {
        pair[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
        pair[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        quad[i] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0x44);
        quad[i + 1] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0xee);
        quad[i + 2] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0x44);
        quad[i + 3] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0xee);
    }
    for (int i = 0; i < 4; i++) {
        r[i] = _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x20);
        r[i + 4] = _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x31);
    }
}

/* The halves join on their way from memory: 8 shuffles fewer than a transpose of loaded rows. */
#define HEED_HAVE_LOAD_ACROSS
static inline vf vf_load_halves(const float *low, const float *high)
{
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(low)), _mm_loadu_ps(high), 1);
}

static inline void vf_load_across(const float *p, ptrdiff_t row, vf r[VF_LANES])
{
    for (int i = 0; i < 8; i += 4, p += 4) {
        const vf a = vf_load_halves(p, p + 4 * row);
        const vf b = vf_load_halves(p + row, p + 5 * row);
        const vf c = vf_load_halves(p + 2 * row, p + 6 * row);
        const vf d = vf_load_halves(p + 3 * row, p + 7 * row);
        const vf ab = _mm256_unpacklo_ps(a, b), cd = _mm256_unpacklo_ps(c, d);
        const vf ab_high = _mm256_unpackhi_ps(a, b), cd_high = _mm256_unpackhi_ps(c, d);

        r[i] = _mm256_shuffle_ps(ab, cd, 0x44);
        r[i + 1] = _mm256_shuffle_ps(ab, cd, 0xee);
        r[i + 2] = _mm256_shuffle_ps(ab_high, cd_high, 0x44);
        r[i + 3] = _mm256_shuffle_ps(ab_high, cd_high, 0xee);
    }
}

/* Shuffles stay within halves, so the halves are exchanged before they part and after they join. */
#define HEED_HAVE_PAIRS
static inline void vf_load_pairs(const float *p, vf *first, vf *second)
{
    const vf even = vf_load_halves(p, p + 8), odd = vf_load_halves(p + 4, p + 12);

    *first = _mm256_shuffle_ps(even, odd, 0x88);
    *second = _mm256_shuffle_ps(even, odd, 0xdd);
}

static inline void vf_store_pairs(float *p, vf first, vf second)
{
    const vf low = _mm256_unpacklo_ps(first, second), high = _mm256_unpackhi_ps(first, second);

    vf_store(p, _mm256_permute2f128_ps(low, high, 0x20));
    vf_store(p + 8, _mm256_permute2f128_ps(low, high, 0x31));
}

#define HEED_HAVE_BITS_LT
static inline uint32_t vf_bits_lt(vf a, vf b)
{
    return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_LT_OQ));
}

/* A bit of each lane's own, from bit 8 k on, becomes its sign, which is what a blend looks at. */
static inline vf vf_signs_of_bits(__m256i bits, int k)
{
    const __m256i own = _mm256_setr_epi32(31, 30, 29, 28, 27, 26, 25, 24);

    return _mm256_castsi256_ps(
        _mm256_sllv_epi32(bits, _mm256_sub_epi32(own, _mm256_set1_epi32(8 * k))));
}

#define HEED_HAVE_KEEP_BITS
static inline vf vf_keep_bits(vf a, uint32_t bits, vf b)
{
    return _mm256_blendv_ps(b, a, vf_signs_of_bits(_mm256_set1_epi32((int)bits), 0));
}

#define HEED_HAVE_KEEP_BITS_OF_BLOCK
static inline void keep_bits_of_block(float *x, uint64_t bits, vf other)
{
    for (int i = 0; i < 64; i += 32, bits >>= 32) {
        const __m256i some = _mm256_set1_epi32((int)(uint32_t)bits);

        for (int k = 0; k < 4; k++, x += VF_LANES)
            vf_store(x, _mm256_blendv_ps(other, vf_load(x), vf_signs_of_bits(some, k)));
    }
}

#define HEED_HAVE_BITS_OF_BYTES
static inline uint32_t vf_bits_of_half(const unsigned char *p)
{
    const __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)p);

    return ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, _mm256_setzero_si256()));
}

static inline uint64_t bits_of_bytes(const unsigned char *p)
{
    return vf_bits_of_half(p) | (uint64_t)vf_bits_of_half(p + 32) << 32;
}

#include "avx2_half.h"

#include "avx2_byte.h"

#include "common.h"
#endif
