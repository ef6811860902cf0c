/* SPDX-License-Identifier: MIT */
/* simd/avx512bf16.h - the vocabulary of avx512.h, and VDPBF16PS's for matrices of bf16. */
#ifndef HEED_SIMD_AVX512BF16_H
#define HEED_SIMD_AVX512BF16_H

#include "avx512.h"

#include "matrix512.h"

#define VM_ROWS 6
#define VM_WORTH 1 /* twice the multiplications of an FMA, at its rate or half of it */

static inline bool vm_allowed(void)
{
    return true;
}

static inline void vm_begin(void) {}
static inline void vm_end(void) {}

/* A pair of numbers of a row, for every column. */
static inline vf vm_pair(const uint16_t *a)
{
    float pair;

    memcpy(&pair, a, sizeof pair);
    return vf_set1(pair);
}

/* acc[c] += a[2 c + 1] b[2 c + 1], then += a[2 c] b[2 c]. */
#if HEED_SIMD_EMULATED
#include "emulated_bf16.h"

static inline vf vm_step(vf acc, vf a, vf b)
{
    float c[VF_LANES];
    uint16_t x[2 * VF_LANES], y[2 * VF_LANES];

    vf_store(c, acc);
    vm_store_dwords(x, a);
    vm_store_dwords(y, b);
    for (int i = 0; i < VF_LANES; i++)
        c[i] =
            vm_plus_product(vm_plus_product(c[i], x[2 * i + 1], y[2 * i + 1]), x[2 * i], y[2 * i]);
    return vf_load(c);
}
#else
static inline vf vm_step(vf acc, vf a, vf b)
{
    return _mm512_dpbf16_ps(acc, (__m512bh)_mm512_castps_si512(a),
                            (__m512bh)_mm512_castps_si512(b));
}
#endif

/* R rows and P panels. */
INLINE void vm_tile(const struct vm_product *p, size_t column, const int R, const int P)
{
    vf acc[TILE_ROWS * TILE_VECS];
    float *c = p->c + column;

    UNROLL for (int i = 0; i < R * P; i++) acc[i] =
        p->more ? vf_load(c + i / P * p->c_row + i % P * VF_LANES) : vf_zero();
    for (size_t d = p->from; d < p->to; d += 2) {
        vf b[TILE_VECS];

        UNROLL for (int i = 0; i < P; i++) b[i] =
            vm_load_dwords(p->b + vm_b_at(column + 16 * (size_t)i, d, p->depth));
        UNROLL for (int r = 0; r < R; r++)
        {
            const vf a = vm_pair(p->a + vm_a_at((size_t)r, d, p->depth));

            UNROLL for (int i = 0; i < P; i++) acc[r * P + i] = vm_step(acc[r * P + i], a, b[i]);
        }
    }
    UNROLL for (int i = 0; i < R * P; i++)
        vf_store(c + i / P * p->c_row + i % P * VF_LANES, acc[i]);
}

INLINE void vm_tile_of(const struct vm_product *p, size_t rows, size_t column, const int P)
{
    switch (rows) {
    case 1:
        vm_tile(p, column, 1, P);
        break;
    case 2:
        vm_tile(p, column, 2, P);
        break;
    case 3:
        vm_tile(p, column, 3, P);
        break;
    case 4:
        vm_tile(p, column, 4, P);
        break;
    case 5:
        vm_tile(p, column, 5, P);
        break;
    default:
        vm_tile(p, column, 6, P);
    }
}

static inline void vm_multiply(const struct vm_product *p, size_t rows, size_t columns)
{
    size_t c = 0;

    for (; c + 16 * TILE_VECS <= columns; c += 16 * TILE_VECS)
        vm_tile_of(p, rows, c, TILE_VECS);
    for (; c < columns; c += 16)
        vm_tile_of(p, rows, c, 1);
}

#include "matrix.h"
#endif
