/* SPDX-License-Identifier: MIT */
/* simd/avx512bf16_pairs.h - part of avx512bf16.h: rows of numbers that become pairs in registers.
 */
#ifndef HEED_SIMD_AVX512BF16_PAIRS_H
#define HEED_SIMD_AVX512BF16_PAIRS_H

/*
 * Rows a and b of 32 numbers as pairs, in the order that costs least: vm_part() brings two
 * vectors of floats into it and vm_join() out of it.
 */
#if HEED_SIMD_EMULATED
static inline void vm_interleave(const uint16_t *a, const uint16_t *b, vf pairs[2])
{
    uint16_t x[64];

    for (int i = 0; i < 32; i++) {
        x[2 * i] = a[i];
        x[2 * i + 1] = b[i];
    }
    pairs[0] = vm_load_dwords(x);
    pairs[1] = vm_load_dwords(x + 32);
}

static inline void vm_part(vf x[2])
{
    (void)x;
}

static inline void vm_join(vf x[2])
{
    (void)x;
}
#else
static inline void vm_interleave(const uint16_t *a, const uint16_t *b, vf pairs[2])
{
    const __m512i x = _mm512_loadu_si512(a), y = _mm512_loadu_si512(b);

    pairs[0] = _mm512_castsi512_ps(_mm512_unpacklo_epi16(x, y));
    pairs[1] = _mm512_castsi512_ps(_mm512_unpackhi_epi16(x, y));
}

static inline void vm_part(vf x[2])
{
    const vf first = x[0];

    x[0] = _mm512_shuffle_f32x4(first, x[1], 0x88);
    x[1] = _mm512_shuffle_f32x4(first, x[1], 0xdd);
}

static inline void vm_join(vf x[2])
{
    const vf low = _mm512_shuffle_f32x4(x[0], x[1], 0x44);
    const vf high = _mm512_shuffle_f32x4(x[0], x[1], 0xee);

    x[0] = _mm512_shuffle_f32x4(low, low, 0xd8);
    x[1] = _mm512_shuffle_f32x4(high, high, 0xd8);
}
#endif

/*
 * What few rows are multiplied with: rows of numbers in memory.  As many lines as are used are
 * fetched meanwhile, from two places, each in the order of its addresses; `fetches` 0: none.
 */
struct vm_rows {
    const uint16_t *at;
    ptrdiff_t row;
    const char *next[2];
    ptrdiff_t fetches; /* bytes of a line, or 0 */
};

/* The next n lines, an even number. */
INLINE void vm_fetch_lines(struct vm_rows *x, const int n)
{
#if defined(__GNUC__)
    UNROLL for (int i = 0; i < n / 2; i++)
    {
        __builtin_prefetch(x->next[0] + i * 64, 0, 3);
        __builtin_prefetch(x->next[1] + i * 64, 0, 3);
    }
#endif
    x->next[0] += n / 2 * x->fetches;
    x->next[1] += n / 2 * x->fetches;
}

#endif
