/* SPDX-License-Identifier: MIT */
/* simd/sse2.h - the vocabulary on 4 lanes of SSE2, which every x86-64 has. */
#ifndef HEED_SIMD_SSE2_H
#define HEED_SIMD_SSE2_H

#include "base.h"

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/sse2.h>

#if defined(SIMDE_X86_SSE2_NATIVE)
#define HEED_SIMD_EMULATED 0
#else
#define HEED_SIMD_EMULATED 1
#endif
#define VF_LANES 4
/* 12 accumulators, a query or weight, and its product: keys and values stay in memory. */
#define TILE_ROWS 3
#define TILE_VECS 4

typedef __m128 vf;

// clang-format off
static inline vf vf_zero(void) { return _mm_setzero_ps(); }
static inline vf vf_set1(float x) { return _mm_set1_ps(x); }
static inline vf vf_load(const float *p) { return _mm_loadu_ps(p); }
static inline void vf_store(float *p, vf a) { _mm_storeu_ps(p, a); }
static inline vf vf_add(vf a, vf b) { return _mm_add_ps(a, b); }
static inline vf vf_sub(vf a, vf b) { return _mm_sub_ps(a, b); }
static inline vf vf_mul(vf a, vf b) { return _mm_mul_ps(a, b); }
static inline vf vf_div(vf a, vf b) { return _mm_div_ps(a, b); }
static inline vf vf_fma(vf a, vf b, vf c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
static inline vf vf_fms(vf a, vf b, vf c) { return _mm_sub_ps(_mm_mul_ps(a, b), c); }
static inline vf vf_max(vf a, vf b) { return _mm_max_ps(a, b); }
static inline vf vf_min(vf a, vf b) { return _mm_min_ps(a, b); }
/* Not cmpnlt and and: SIMDe 0.7.4 has >= for it, which drops NaN. */
static inline vf vf_zero_if_lt(vf a, vf x, vf lo) { return _mm_andnot_ps(_mm_cmplt_ps(x, lo), a); }
static inline bool vf_any_gt(vf a, vf b) { return _mm_movemask_ps(_mm_cmpgt_ps(a, b)) != 0; }
// clang-format on

#if defined(__GNUC__) && !HEED_SIMD_EMULATED
/* Written as intrinsics, compilers load the numbers once and then move them for each row. */
#define HEED_HAVE_FMA_FROM
static inline vf vf_fma_from(vf a, const float *p, vf c)
{
    __asm__("mulps %1, %0" : "+x"(a) : "m"(*(const __m128 *)(const void *)p));
    return _mm_add_ps(a, c);
}
#endif

static inline bool vf_all_within(vf a, vf lo, vf hi)
{
    return _mm_movemask_ps(_mm_and_ps(_mm_cmpge_ps(a, lo), _mm_cmple_ps(a, hi))) == 0xf;
}

static inline vf vf_scale_by_magic(vf p, vf magic)
{
    const __m128i n = _mm_cvtps_epi32(_mm_sub_ps(magic, _mm_set1_ps(VF_MAGIC)));
    const __m128i exponent = _mm_slli_epi32(n, 23);

    return _mm_castsi128_ps(_mm_add_epi32(_mm_castps_si128(p), exponent));
}

#define HEED_HAVE_SCALE_NUMBER
static inline vf vf_scale_number(vf p, vf magic)
{
    const __m128i exponent = _mm_slli_epi32(_mm_castps_si128(magic), 23);

    return _mm_castsi128_ps(_mm_add_epi32(_mm_castps_si128(p), exponent));
}

/* Without their signs floats are ordered as integers are, and NaN is the largest. */
#define HEED_HAVE_SIZES_WITHIN
static inline bool vf_sizes_within(const vf *x, int n, float most)
{
    const __m128i sign = _mm_set1_epi32((int)0x80000000);
    const __m128i last = _mm_castps_si128(_mm_set1_ps(most));
    __m128i out = _mm_setzero_si128();

    for (int i = 0; i < n; i++) {
        const __m128i size = _mm_andnot_si128(sign, _mm_castps_si128(x[i]));

        out = _mm_or_si128(out, _mm_cmpgt_epi32(size, last));
    }
    return _mm_movemask_epi8(out) == 0;
}

static inline float vf_reduce_add(vf a)
{
    a = _mm_add_ps(a, _mm_movehl_ps(a, a));
    a = _mm_add_ss(a, _mm_shuffle_ps(a, a, 1));
    return _mm_cvtss_f32(a);
}

static inline float vf_reduce_max(vf a)
{
    a = _mm_max_ps(a, _mm_movehl_ps(a, a));
    a = _mm_max_ss(a, _mm_shuffle_ps(a, a, 1));
    return _mm_cvtss_f32(a);
}

static inline void vf_transpose(vf r[VF_LANES])
{
    const vf lo01 = _mm_unpacklo_ps(r[0], r[1]), hi01 = _mm_unpackhi_ps(r[0], r[1]);
    const vf lo23 = _mm_unpacklo_ps(r[2], r[3]), hi23 = _mm_unpackhi_ps(r[2], r[3]);

    r[0] = _mm_movelh_ps(lo01, lo23);
    r[1] = _mm_movehl_ps(lo23, lo01);
    r[2] = _mm_movelh_ps(hi01, hi23);
    r[3] = _mm_movehl_ps(hi23, hi01);
}

#define HEED_HAVE_BITS_LT
static inline uint32_t vf_bits_lt(vf a, vf b)
{
    return (uint32_t)_mm_movemask_ps(_mm_cmplt_ps(a, b));
}

#define HEED_HAVE_KEEP_BITS
static inline vf vf_keep_bits(vf a, uint32_t bits, vf b)
{
    const __m128i own = _mm_setr_epi32(1, 2, 4, 8);
    const __m128i set = _mm_and_si128(_mm_set1_epi32((int)bits), own);
    const vf kept = _mm_castsi128_ps(_mm_cmpeq_epi32(set, own));

    return _mm_or_ps(_mm_and_ps(kept, a), _mm_andnot_ps(kept, b));
}

#define HEED_HAVE_BITS_OF_BYTES
static inline uint64_t bits_of_bytes(const unsigned char *p)
{
    uint64_t none = 0;

    for (int i = 0; i < 64; i += 16) {
        const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        const __m128i zero = _mm_cmpeq_epi8(x, _mm_setzero_si128());

        none |= (uint64_t)(uint32_t)_mm_movemask_epi8(zero) << i;
    }
    return ~none;
}

#define HEED_HAVE_PAIRS
static inline void vf_load_pairs(const float *p, vf *first, vf *second)
{
    const vf low = vf_load(p), high = vf_load(p + 4);

    *first = _mm_shuffle_ps(low, high, 0x88);
    *second = _mm_shuffle_ps(low, high, 0xdd);
}

static inline void vf_store_pairs(float *p, vf first, vf second)
{
    vf_store(p, _mm_unpacklo_ps(first, second));
    vf_store(p + 4, _mm_unpackhi_ps(first, second));
}

#include "sse2_half.h"

#include "sse2_byte.h"

#include "common.h"
#endif
