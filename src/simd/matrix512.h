/* SPDX-License-Identifier: MIT */
/*
 * simd/matrix512.h - part of amx.h and avx512bf16.h: operands in 16 columns of dwords.
 *
 * A is row by row.  B is panels of 16 columns, each [depth / 2][16][2]: a row of a panel
 * is a vector, and a row of AMX's tiles, which hold a pair of numbers for each column.
 */
#ifndef HEED_SIMD_MATRIX512_H
#define HEED_SIMD_MATRIX512_H

#include "kernels/compiler.h"
#include "product.h"

#define VM_DEPTH 32
#define VM_RUN 2
#define VM_VALUES 16

static inline size_t vm_a_at(size_t row, size_t d, size_t depth)
{
    return row * depth + d;
}

static inline size_t vm_b_at(size_t column, size_t d, size_t depth)
{
    return column / 16 * 16 * depth + d / 2 * 32 + column % 16 * 2 + d % 2;
}

static inline vf vm_load_dwords(const uint16_t *p)
{
    return _mm512_castsi512_ps(_mm512_loadu_si512(p));
}

static inline void vm_store_dwords(uint16_t *p, vf a)
{
    _mm512_storeu_si512(p, _mm512_castps_si512(a));
}

/* Two rows, interleaved; a bf16 in the upper half of a lane is the float of that value. */
static inline void vm_value_run(uint16_t *b, size_t depth, size_t d, const uint16_t *const *x,
                                size_t column)
{
    const __m512i first = _mm512_castps_si512(vf_load_bf16(x[0] + column));
    const __m512i second = _mm512_castps_si512(vf_load_bf16(x[1] + column));

    _mm512_storeu_si512(b + vm_b_at(column, d, depth),
                        _mm512_or_si512(second, _mm512_srli_epi32(first, 16)));
}

#if !HEED_SIMD_EMULATED
#define HEED_HAVE_WIDE_RUN
#define VM_WIDE 32
/* The same of 32 columns: a whole line of each row, and a shuffle for each line of pairs. */
static inline void vm_wide_run(uint16_t *b, size_t depth, size_t d, const uint16_t *const *x,
                               size_t column)
{
    const __m512i first = _mm512_loadu_si512(x[0] + column);
    const __m512i second = _mm512_loadu_si512(x[1] + column);
    const __m512i low = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40,
                                         8, 39, 7, 38, 6, 37, 5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
    const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(16));

    _mm512_storeu_si512(b + vm_b_at(column, d, depth),
                        _mm512_permutex2var_epi16(first, low, second));
    _mm512_storeu_si512(b + vm_b_at(column + 16, d, depth),
                        _mm512_permutex2var_epi16(first, high, second));
}
#endif

#define HEED_HAVE_KEY_COLUMNS
/* 16 pairs of 16 keys at a time: a transposition of dwords. */
static inline size_t vm_key_columns(uint16_t *b, size_t depth, size_t column,
                                    const uint16_t *const *x, size_t n)
{
    size_t d = 0;

    for (; d + 32 <= n; d += 32) {
        vf row[16];

        UNROLL for (int j = 0; j < 16; j++) row[j] = vm_load_dwords(x[j] + d);
        vf_transpose(row);
        UNROLL for (int i = 0; i < 16; i++)
            vm_store_dwords(b + vm_b_at(column, d + 2 * (size_t)i, depth), row[i]);
    }
    return d;
}

#endif
