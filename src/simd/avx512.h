/* SPDX-License-Identifier: MIT */
/* simd/avx512.h - the vocabulary on 16 lanes of AVX-512 F/BW/DQ/VL. */
#ifndef HEED_SIMD_AVX512_H
#define HEED_SIMD_AVX512_H

#include "base.h"

/* SIMDe 0.7.4 lacks some loads, stores and shuffles: what it has is enough to emulate the rest. */
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>

#if defined(SIMDE_X86_AVX512F_NATIVE)
#define HEED_SIMD_EMULATED 0
#else
#define HEED_SIMD_EMULATED 1
#endif
#define VF_LANES 16
#define VF_FUSES (!HEED_SIMD_EMULATED)
/* 24 accumulators, 4 vectors of keys; the queries come as embedded broadcasts. */
#define TILE_ROWS 6
#define TILE_VECS 4
#define NEAR_KEYS 16 /* Zen 5: two or four rows 1.1 to 1.7 times as fast as by a block ahead */
#define WIDE_ROWS 3  /* 24 accumulators, 3 weights, a vector of values */
#if !HEED_SIMD_EMULATED
#define ACROSS_DIMS 8
#endif

typedef __m512 vf;

// clang-format off
static inline vf vf_zero(void) { return _mm512_setzero_ps(); }
static inline vf vf_set1(float x) { return _mm512_set1_ps(x); }
static inline vf vf_load(const float *p) { return _mm512_loadu_ps(p); }
static inline void vf_store(float *p, vf a) { _mm512_storeu_ps(p, a); }
static inline vf vf_add(vf a, vf b) { return _mm512_add_ps(a, b); }
static inline vf vf_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
static inline vf vf_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
static inline vf vf_div(vf a, vf b) { return _mm512_div_ps(a, b); }
static inline vf vf_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
static inline vf vf_fms(vf a, vf b, vf c) { return _mm512_fmsub_ps(a, b, c); }
static inline vf vf_max(vf a, vf b) { return _mm512_max_ps(a, b); }
static inline vf vf_min(vf a, vf b) { return _mm512_min_ps(a, b); }
// clang-format on

static inline vf vf_zero_if_lt(vf a, vf x, vf lo)
{
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, lo, _CMP_NLT_UQ), a);
}

static inline bool vf_any_gt(vf a, vf b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ) != 0;
}

static inline bool vf_all_within(vf a, vf lo, vf hi)
{
    return (_mm512_cmp_ps_mask(a, lo, _CMP_GE_OQ) & _mm512_cmp_ps_mask(a, hi, _CMP_LE_OQ)) ==
           0xffff;
}

/* Not scalef: where the result is masked away afterwards it may be denormal, and slow. */
static inline vf vf_scale_by_magic(vf p, vf magic)
{
    const __m512i bits = _mm512_castps_si512(p);
    const __m512i exponent = _mm512_slli_epi32(_mm512_castps_si512(magic), 23);

    return _mm512_castsi512_ps(
        _mm512_mask_add_epi32(bits, _mm512_cmp_ps_mask(magic, magic, _CMP_ORD_Q), bits, exponent));
}

#define HEED_HAVE_SCALE_NUMBER
static inline vf vf_scale_number(vf p, vf magic)
{
    const __m512i exponent = _mm512_slli_epi32(_mm512_castps_si512(magic), 23);

    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(p), exponent));
}

#define HEED_HAVE_BITS_LT
static inline uint32_t vf_bits_lt(vf a, vf b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ);
}

#define HEED_HAVE_KEEP_BITS
static inline vf vf_keep_bits(vf a, uint32_t bits, vf b)
{
    return _mm512_mask_mov_ps(b, (uint16_t)bits, a);
}

#define HEED_HAVE_BITS_OF_BYTES
static inline uint64_t bits_of_bytes(const unsigned char *p)
{
    const __m512i x = _mm512_loadu_si512(p);

    return _mm512_test_epi8_mask(x, x);
}

#if !HEED_SIMD_EMULATED
/* What is masked away is not computed: no denormal is made.  Three instructions fewer. */
#define HEED_HAVE_SCALE_UNLESS_LT
static inline vf vf_scale_unless_lt(vf p, vf magic, vf whole, vf x, vf lo)
{
    (void)magic;
    return _mm512_maskz_scalef_ps(_mm512_cmp_ps_mask(x, lo, _CMP_NLT_UQ), p, whole);
}

/* Without their signs floats are ordered as integers are, and NaN is the largest. */
#define HEED_HAVE_SIZES_WITHIN
static inline bool vf_sizes_within(const vf *x, int n, float most)
{
    const __m512i sign = _mm512_set1_epi32((int)0x80000000);
    const __m512i last = _mm512_castps_si512(_mm512_set1_ps(most));
    __m512i top = _mm512_setzero_si512();

    for (int i = 0; i < n; i++)
        top = _mm512_max_epu32(top, _mm512_andnot_si512(sign, _mm512_castps_si512(x[i])));
    return _mm512_cmpgt_epi32_mask(top, last) == 0;
}

/* By halves, as everywhere: _mm512_reduce_add_ps leaves the order open. */
static inline float vf_reduce_add(vf a)
{
    const __m256 h = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));

    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    s = _mm_add_ss(s, _mm_shuffle_ps(s, s, 1));
    return _mm_cvtss_f32(s);
}

static inline float vf_reduce_max(vf a)
{
    return _mm512_reduce_max_ps(a);
}

#define HEED_HAVE_KEEP_FIRST
static inline vf vf_keep_first(vf a, size_t n, vf b)
{
    return _mm512_mask_mov_ps(b, (__mmask16)((1u << n) - 1u), a);
}

#define HEED_HAVE_PARTIAL
static inline vf vf_load_n(const float *p, size_t n)
{
    return _mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1u), p);
}

static inline void vf_store_n(float *p, vf a, size_t n)
{
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1u), a);
}

/* Number i of up to 64 that stand in four vectors, of which those past `dim` hold none. */
static inline vf vf_pick(const vf *x, __m512i i, size_t dim)
{
    const vf low = dim < 2 ? _mm512_permutexvar_ps(i, x[0]) : _mm512_permutex2var_ps(x[0], i, x[1]);
    const vf high = dim < 4 ? _mm512_permutexvar_ps(i, x[dim < 3 ? 0 : 2])
                            : _mm512_permutex2var_ps(x[2], i, x[3]);

    return dim < 3
               ? low
               : _mm512_mask_mov_ps(low, _mm512_test_epi32_mask(i, _mm512_set1_epi32(32)), high);
}

static inline __m512i vf_numbers(size_t from)
{
    return _mm512_add_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                            _mm512_set1_epi32((int)from));
}

/* Six words of three numbers: 46 -> 34 ns, against two transposes of 16 x 16. */
#define VF_NARROW 4
static inline void vf_load_narrow(const float *p, size_t n, size_t dim, vf *columns)
{
    const __m512i row = _mm512_mullo_epi32(vf_numbers(0), _mm512_set1_epi32((int)dim));
    vf x[VF_NARROW];

    for (size_t i = 0; i < dim; i++) {
        const size_t left = n > 16 * i ? n - 16 * i : 0;

        x[i] =
            _mm512_maskz_loadu_ps((__mmask16)(left < 16 ? (1u << left) - 1u : 0xffff), p + 16 * i);
    }
    for (size_t d = 0; d < dim; d++)
        columns[d] = vf_pick(x, _mm512_add_epi32(row, _mm512_set1_epi32((int)d)), dim);
}

static inline void vf_store_narrow(float *p, size_t n, size_t dim, const vf *columns)
{
    for (size_t i = 0; i < dim && 16 * i < n; i++) {
        const size_t left = n - 16 * i;
        const __m512i number = vf_numbers(16 * i), size = _mm512_set1_epi32((int)dim);
        /* Exact for numbers below 64 and sizes up to 4. */
        const __m512i row = _mm512_srli_epi32(
            _mm512_mullo_epi32(number, _mm512_set1_epi32((int)(1024 / dim + 1))), 10);
        const __m512i column = _mm512_sub_epi32(number, _mm512_mullo_epi32(row, size));
        const vf x = vf_pick(columns, _mm512_or_si512(row, _mm512_slli_epi32(column, 4)), dim);

        _mm512_mask_storeu_ps(p + 16 * i, (__mmask16)(left < 16 ? (1u << left) - 1u : 0xffff), x);
    }
}

#define QUARTERS(a, b, choice) _mm512_shuffle_f32x4(a, b, choice)
#else
static inline float vf_reduce_add(vf a)
{
    float lane[VF_LANES];

    vf_store(lane, a);
    for (size_t half = VF_LANES / 2; half; half /= 2)
        for (size_t i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
}

static inline float vf_reduce_max(vf a)
{
    float lane[VF_LANES];

    vf_store(lane, a);
    for (size_t i = 1; i < VF_LANES; i++)
        lane[0] = lane[i] > lane[0] ? lane[i] : lane[0];
    return lane[0];
}

/* _mm512_shuffle_f32x4: two quarters of a, then two of b. */
#define QUARTERS vf_quarters
static inline vf vf_quarters(vf a, vf b, unsigned choice)
{
    float from[2][VF_LANES], to[VF_LANES];

    vf_store(from[0], a);
    vf_store(from[1], b);
    for (size_t i = 0; i < 4; i++)
        memcpy(to + 4 * i, from[i / 2] + 4 * (choice >> 2 * i & 3), 4 * sizeof *to);
    return vf_load(to);
}
#endif

/* 4 x 4 within the 128-bit quarters, then the quarters: 64 shuffles for 256 numbers. */
static inline void vf_transpose(vf r[VF_LANES])
{
    vf quad[16];

    for (int i = 0; i < 16; i += 4) {
        const vf lo01 = _mm512_unpacklo_ps(r[i], r[i + 1]);
        const vf hi01 = _mm512_unpackhi_ps(r[i], r[i + 1]);
        const vf lo23 = _mm512_unpacklo_ps(r[i + 2], r[i + 3]);
        const vf hi23 = _mm512_unpackhi_ps(r[i + 2], r[i + 3]);

        quad[i] = _mm512_shuffle_ps(lo01, lo23, 0x44);
        quad[i + 1] = _mm512_shuffle_ps(lo01, lo23, 0xee);
        quad[i + 2] = _mm512_shuffle_ps(hi01, hi23, 0x44);
        quad[i + 3] = _mm512_shuffle_ps(hi01, hi23, 0xee);
    }
    for (int i = 0; i < 4; i++) {
        const vf even01 = QUARTERS(quad[i], quad[i + 4], 0x88);
        const vf odd01 = QUARTERS(quad[i], quad[i + 4], 0xdd);
        const vf even23 = QUARTERS(quad[i + 8], quad[i + 12], 0x88);
        const vf odd23 = QUARTERS(quad[i + 8], quad[i + 12], 0xdd);

        r[i] = QUARTERS(even01, even23, 0x88);
        r[i + 4] = QUARTERS(odd01, odd23, 0x88);
        r[i + 8] = QUARTERS(even01, even23, 0xdd);
        r[i + 12] = QUARTERS(odd01, odd23, 0xdd);
    }
}

#if !HEED_SIMD_EMULATED
/* A row in the lower half, and the one 4 rows further in the upper one, which needs no shuffle. */
static inline vf vf_load_halves(const float *low, const float *high)
{
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm256_loadu_ps(low)), _mm256_loadu_ps(high),
                              1);
}

/* 4 x 4 within the quarters of four vectors. */
static inline void vf_transpose_quarters(const vf x[4], vf r[4])
{
    const vf lo01 = _mm512_unpacklo_ps(x[0], x[1]), hi01 = _mm512_unpackhi_ps(x[0], x[1]);
    const vf lo23 = _mm512_unpacklo_ps(x[2], x[3]), hi23 = _mm512_unpackhi_ps(x[2], x[3]);

    r[0] = _mm512_shuffle_ps(lo01, lo23, 0x44);
    r[1] = _mm512_shuffle_ps(lo01, lo23, 0xee);
    r[2] = _mm512_shuffle_ps(hi01, hi23, 0x44);
    r[3] = _mm512_shuffle_ps(hi01, hi23, 0xee);
}

/*
 * Halves join on their way from memory: 24 shuffles for 128 numbers, where a transpose takes 32,
 * but twice the loads: with panels made so, 16 x 16 of 64 dims, in a cache, took 4 % longer.
 */
#define HEED_HAVE_LOAD_FEW_ACROSS
static inline void vf_load_few_across(const float *p, ptrdiff_t row, vf r[ACROSS_DIMS])
{
    vf x[8], low[4], high[4];

    for (ptrdiff_t j = 0; j < 4; j++) {
        x[j] = vf_load_halves(p + j * row, p + (j + 4) * row);
        x[j + 4] = vf_load_halves(p + (j + 8) * row, p + (j + 12) * row);
    }
    vf_transpose_quarters(x, low);
    vf_transpose_quarters(x + 4, high);
    for (int i = 0; i < 4; i++) {
        r[i] = QUARTERS(low[i], high[i], 0x88);
        r[i + 4] = QUARTERS(low[i], high[i], 0xdd);
    }
}
#endif

#undef QUARTERS

#define HEED_HAVE_PAIRS
static inline void vf_load_pairs(const float *p, vf *first, vf *second)
{
    const vf low = vf_load(p), high = vf_load(p + 16);
    const __m512i even =
        _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);

    *first = _mm512_permutex2var_ps(low, even, high);
    *second = _mm512_permutex2var_ps(low, _mm512_add_epi32(even, _mm512_set1_epi32(1)), high);
}

static inline void vf_store_pairs(float *p, vf first, vf second)
{
    const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);

    vf_store(p, _mm512_permutex2var_ps(first, low, second));
    vf_store(p + 16,
             _mm512_permutex2var_ps(first, _mm512_add_epi32(low, _mm512_set1_epi32(8)), second));
}

#include "avx512_half.h"

#include "avx512_byte.h"

#include "common.h"
#endif
