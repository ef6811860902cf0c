/* SPDX-License-Identifier: MIT */
/* simd/avx512bf16.h - the vocabulary of avx512.h, and VDPBF16PS's for matrices of bf16. */
#ifndef HEED_SIMD_AVX512BF16_H
#define HEED_SIMD_AVX512BF16_H

#include "avx512.h"

#include "matrix512.h"

#define VM_ROWS 6
#define VM_STEP 2
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

/* What a tile fetches that begins with this column. */
static inline struct vm_ahead vm_ahead_of(const struct vm_product *p, size_t column)
{
    const ptrdiff_t steps = (ptrdiff_t)(column / (16 * TILE_VECS) * ((p->to - p->from) / 2));
    struct vm_ahead ahead = p->ahead;

    for (int i = 0; i < 2; i++)
        ahead.at[i] += ahead.step ? steps * ahead.step : 0;
    return ahead;
}

static inline void vm_fetch(struct vm_ahead *ahead)
{
    for (int i = 0; i < 2; i++) {
#if defined(__GNUC__)
        __builtin_prefetch(ahead->at[i], 0, 2);
#endif
        ahead->at[i] += ahead->step;
    }
}

/* R rows and P panels. */
INLINE void vm_tile(const struct vm_product *p, size_t column, const bool fetches, const int R,
                    const int P)
{
    struct vm_ahead ahead = vm_ahead_of(p, column);
    vf acc[TILE_ROWS * TILE_VECS];
    const uint16_t *a = p->a + p->from, *b = p->b + vm_b_at(column, p->from, p->depth);
    const size_t a_row = p->depth, b_panel = 16 * p->depth;
    float *c = p->c + column;

    UNROLL for (int i = 0; i < R * P; i++) acc[i] =
        p->more ? vf_load(c + i / P * p->c_row + i % P * VF_LANES) : vf_zero();
    for (const uint16_t *const end = p->a + p->to; a < end; a += 2, b += 32) {
        vf pairs[TILE_VECS];

        if (fetches)
            vm_fetch(&ahead);
        UNROLL for (int i = 0; i < P; i++) pairs[i] = vm_load_dwords(b + (size_t)i * b_panel);
        UNROLL for (int r = 0; r < R; r++)
        {
            const vf x = vm_pair(a + (size_t)r * a_row);

            UNROLL for (int i = 0; i < P; i++) acc[r * P + i] =
                vm_step(acc[r * P + i], x, pairs[i]);
        }
    }
    UNROLL for (int i = 0; i < R * P; i++)
        vf_store(c + i / P * p->c_row + i % P * VF_LANES, acc[i]);
}

/* Each size apart: in one function with the others gcc takes registers from it. */
#define VM_TILE_OF(R)                                                                              \
    APART void vm_tile_##R(const struct vm_product *p, size_t columns)                             \
    {                                                                                              \
        size_t c = 0;                                                                              \
                                                                                                   \
        for (; p->ahead.step && c + 16 * TILE_VECS <= columns; c += 16 * TILE_VECS)                \
            vm_tile(p, c, true, R, TILE_VECS);                                                     \
        for (; c + 16 * TILE_VECS <= columns; c += 16 * TILE_VECS)                                 \
            vm_tile(p, c, false, R, TILE_VECS);                                                    \
        if (columns - c >= 48)                                                                     \
            vm_tile(p, c, false, R, 3);                                                            \
        else if (columns - c >= 32)                                                                \
            vm_tile(p, c, false, R, 2);                                                            \
        else if (columns - c >= 16)                                                                \
            vm_tile(p, c, false, R, 1);                                                            \
    }
VM_TILE_OF(1)
VM_TILE_OF(2)
VM_TILE_OF(3)
VM_TILE_OF(4)
VM_TILE_OF(5)
VM_TILE_OF(6)
#undef VM_TILE_OF

static inline void vm_multiply(const struct vm_product *p, size_t rows, size_t columns)
{
    static void (*const tile[VM_ROWS])(const struct vm_product *, size_t) = {
        vm_tile_1, vm_tile_2, vm_tile_3, vm_tile_4, vm_tile_5, vm_tile_6};

    tile[rows - 1](p, columns);
}

#include "avx512bf16_weigh.h"

#include "avx512bf16_few.h"

#include "matrix.h"
#endif
