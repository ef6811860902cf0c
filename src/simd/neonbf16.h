/* SPDX-License-Identifier: MIT */
/*
 * simd/neonbf16.h - the vocabulary of neon.h, and BFMMLA's for matrices of bf16.
 *
 * BFMMLA adds to four floats, two rows by two columns, the products of two rows of A and
 * two columns of B over a depth of 4.  Both operands stand as it wants them: pairs of rows
 * (or columns), for each of them 4 numbers of the one, then 4 of the other.
 */
#ifndef HEED_SIMD_NEONBF16_H
#define HEED_SIMD_NEONBF16_H

#include "neon.h"

#include "kernels/compiler.h"
#include "product.h"

#define VM_DEPTH 4
#define VM_ROWS 8
#define VM_RUN 4
#define VM_VALUES 8

static inline size_t vm_a_at(size_t row, size_t d, size_t depth)
{
    return (row & ~(size_t)1) * depth + d / 4 * 8 + row % 2 * 4 + d % 4;
}

static inline size_t vm_b_at(size_t column, size_t d, size_t depth)
{
    return vm_a_at(column, d, depth);
}

/* Four rows of 8 numbers become four runs of two columns. */
static inline void vm_value_run(uint16_t *b, size_t depth, size_t d, const uint16_t *const *x,
                                size_t column)
{
    const uint16x8_t x0 = vld1q_u16(x[0] + column), x1 = vld1q_u16(x[1] + column);
    const uint16x8_t x2 = vld1q_u16(x[2] + column), x3 = vld1q_u16(x[3] + column);
    const uint16x8_t even_low = vzip1q_u16(x0, x2), odd_low = vzip1q_u16(x1, x3);
    const uint16x8_t even_high = vzip2q_u16(x0, x2), odd_high = vzip2q_u16(x1, x3);

    vst1q_u16(b + vm_b_at(column, d, depth), vzip1q_u16(even_low, odd_low));
    vst1q_u16(b + vm_b_at(column + 2, d, depth), vzip2q_u16(even_low, odd_low));
    vst1q_u16(b + vm_b_at(column + 4, d, depth), vzip1q_u16(even_high, odd_high));
    vst1q_u16(b + vm_b_at(column + 6, d, depth), vzip2q_u16(even_high, odd_high));
}

static inline bool vm_allowed(void)
{
    return true;
}

static inline void vm_begin(void) {}
static inline void vm_end(void) {}

#if HEED_SIMD_EMULATED
#include "emulated_bfmmla.h"
#else
/* acc[2 i + j] += sum of a[4 i + n] b[4 j + n]. */
static inline vf vm_step(vf acc, uint16x8_t a, uint16x8_t b)
{
    return vbfmmlaq_f32(acc, vreinterpretq_bf16_u16(a), vreinterpretq_bf16_u16(b));
}
#endif

/* The halves of two 2 x 2 blocks are two rows of 4, and the other way round. */
static inline void vm_swap_halves(vf *first, vf *second)
{
    const float64x2_t a = vreinterpretq_f64_f32(*first), b = vreinterpretq_f64_f32(*second);

    *first = vreinterpretq_f32_f64(vzip1q_f64(a, b));
    *second = vreinterpretq_f32_f64(vzip2q_f64(a, b));
}

enum { VM_MOST_PAIRS = 4 };

/* Two rows of 2 P numbers of C, as blocks; `last`: there is but one row, which is read twice. */
INLINE void vm_load_pair(const float *c, ptrdiff_t c_row, bool last, vf *acc, const int P)
{
    UNROLL for (int i = 0; i < P; i += 2)
    {
        acc[i] = vf_load(c + 2 * i);
        acc[i + 1] = vf_load(c + (last ? 0 : c_row) + 2 * i);
        vm_swap_halves(&acc[i], &acc[i + 1]);
    }
}

INLINE void vm_store_pair(float *c, ptrdiff_t c_row, bool last, vf *acc, const int P)
{
    UNROLL for (int i = 0; i < P; i += 2)
    {
        vm_swap_halves(&acc[i], &acc[i + 1]);
        vf_store(c + 2 * i, acc[i]);
        if (!last)
            vf_store(c + c_row + 2 * i, acc[i + 1]);
    }
}

/* Two rows of C for each of R pairs, and two columns for each of P. */
INLINE void vm_tile(const struct vm_product *p, size_t rows, size_t column, const int R,
                    const int P)
{
    vf acc[2 * VM_MOST_PAIRS * VM_MOST_PAIRS];
    float *c = p->c + column;

    UNROLL for (int i = 0; i < R * P; i++) acc[i] = vf_zero();
    if (p->more)
        UNROLL for (int r = 0; r < R; r++)
            vm_load_pair(c + 2 * r * p->c_row, p->c_row, 2 * r + 1 == (int)rows, acc + r * P, P);
    for (size_t d = p->from; d < p->to; d += VM_DEPTH) {
        uint16x8_t b[2 * VM_MOST_PAIRS];

        UNROLL for (int i = 0; i < P; i++) b[i] =
            vld1q_u16(p->b + vm_b_at(column + 2 * (size_t)i, d, p->depth));
        UNROLL for (int r = 0; r < R; r++)
        {
            const uint16x8_t a = vld1q_u16(p->a + vm_a_at(2 * (size_t)r, d, p->depth));

            UNROLL for (int i = 0; i < P; i++) acc[r * P + i] = vm_step(acc[r * P + i], a, b[i]);
        }
    }
    UNROLL for (int r = 0; r < R; r++)
        vm_store_pair(c + 2 * r * p->c_row, p->c_row, 2 * r + 1 == (int)rows, acc + r * P, P);
}

/* Tiles of 8 x 8, or where rows are few of more columns, so that there are chains enough. */
static inline void vm_multiply(const struct vm_product *p, size_t rows, size_t columns)
{
    for (size_t c = 0; c < columns; c += rows <= 2 ? 16 : 8) {
        if (rows <= 2)
            vm_tile(p, rows, c, 1, 8);
        else if (rows <= 4)
            vm_tile(p, rows, c, 2, 4);
        else if (rows <= 6)
            vm_tile(p, rows, c, 3, 4);
        else
            vm_tile(p, rows, c, 4, 4);
    }
}

#include "matrix.h"
#endif
