/* SPDX-License-Identifier: MIT */
/*
 * simd/bfmmla.h - part of neonbf16.h and svebf16.h: matrices of bf16 by BFMMLA.
 *
 * BFMMLA adds to four floats, two rows by two columns, the products of two rows of A and
 * two columns of B over a depth of 4; on longer vectors, in every 128 bits of them.  Operands
 * stand as it wants them: A in pairs of rows, of each 4 numbers of the one, then 4 of the
 * other; B in vectors of VM_COLUMNS columns, of each 4 numbers.  What includes this defines
 *
 *   vm_numbers                         a vector of bf16
 *   vm_load(), vm_store(), vm_repeat() the last takes 128 bits for all of the vector
 *   vm_zip_low(), vm_zip_high()        the first, or second, halves of two, interleaved
 *   vm_store_fours()                   VF_LANES floats that bf16 has, as fours 8 apart
 *   vm_rows_of_blocks()                two vectors of 2 x 2 blocks become two rows,
 *   vm_blocks_of_rows()                and the other way round
 *   vm_step()                          BFMMLA
 */
#ifndef HEED_SIMD_BFMMLA_H
#define HEED_SIMD_BFMMLA_H

#include "kernels/compiler.h"
#include "product.h"

#define VM_DEPTH 4
#define VM_ROWS 8
#define VM_WORTH 1 /* three products take twice the instructions of FMAs, taking apart included */
#define HEED_HAVE_PAIRS_OF_PARTS
#define VM_RUN 4
#define VM_VALUES (2 * VF_LANES)

enum { VM_COLUMNS = VF_LANES / 2, VM_MOST_PAIRS = 4, VM_MOST_VECTORS = 8 };

static inline size_t vm_a_at(size_t row, size_t d, size_t depth)
{
    return (row & ~(size_t)1) * depth + d / 4 * 8 + row % 2 * 4 + d % 4;
}

static inline size_t vm_b_at(size_t column, size_t d, size_t depth)
{
    return column / VM_COLUMNS * VM_COLUMNS * depth + d / 4 * 4 * VM_COLUMNS +
           column % VM_COLUMNS * 4 + d % 4;
}

#define HEED_HAVE_LANES_OF_ROW
static inline void vm_lanes_of_row(uint16_t *a, size_t depth, size_t row, size_t d, vf x)
{
    vm_store_fours(a + vm_a_at(row, d, depth), x);
}

/* Four rows become runs of four, in four vectors. */
static inline void vm_value_run(uint16_t *b, size_t depth, size_t d, const uint16_t *const *x,
                                size_t column)
{
    const vm_numbers x0 = vm_load(x[0] + column), x1 = vm_load(x[1] + column);
    const vm_numbers x2 = vm_load(x[2] + column), x3 = vm_load(x[3] + column);
    const vm_numbers even_low = vm_zip_low(x0, x2), odd_low = vm_zip_low(x1, x3);
    const vm_numbers even_high = vm_zip_high(x0, x2), odd_high = vm_zip_high(x1, x3);

    vm_store(b + vm_b_at(column, d, depth), vm_zip_low(even_low, odd_low));
    vm_store(b + vm_b_at(column + VM_COLUMNS, d, depth), vm_zip_high(even_low, odd_low));
    vm_store(b + vm_b_at(column + 2 * VM_COLUMNS, d, depth), vm_zip_low(even_high, odd_high));
    vm_store(b + vm_b_at(column + 3 * VM_COLUMNS, d, depth), vm_zip_high(even_high, odd_high));
}

static inline bool vm_allowed(void)
{
    return true;
}

static inline void vm_begin(void) {}
static inline void vm_end(void) {}

/* Two rows of C in P vectors of blocks; `last`: there is but one row, which is read twice. */
INLINE void vm_load_pair(const float *c, ptrdiff_t c_row, bool last, vf *acc, const int P)
{
    UNROLL for (int i = 0; i < P; i += 2)
    {
        acc[i] = vf_load(c + VM_COLUMNS * i);
        acc[i + 1] = vf_load(c + (last ? 0 : c_row) + VM_COLUMNS * i);
        vm_blocks_of_rows(&acc[i], &acc[i + 1]);
    }
}

INLINE void vm_store_pair(float *c, ptrdiff_t c_row, bool last, vf *acc, const int P)
{
    UNROLL for (int i = 0; i < P; i += 2)
    {
        vm_rows_of_blocks(&acc[i], &acc[i + 1]);
        vf_store(c + VM_COLUMNS * i, acc[i]);
        if (!last)
            vf_store(c + c_row + VM_COLUMNS * i, acc[i + 1]);
    }
}

/* One product, added to R x P vectors of blocks. */
INLINE void vm_add_product(const struct vm_product *p, struct vm_pair at, size_t column, vf *acc,
                           const int R, const int P)
{
    for (size_t d = p->from; d < p->to; d += VM_DEPTH) {
        vm_numbers b[VM_MOST_VECTORS];

        UNROLL for (int i = 0; i < P; i++) b[i] =
            vm_load(p->b + at.b + vm_b_at(column + VM_COLUMNS * (size_t)i, d, p->depth));
        UNROLL for (int r = 0; r < R; r++)
        {
            const vm_numbers a = vm_repeat(p->a + at.a + vm_a_at(2 * (size_t)r, d, p->depth));

            UNROLL for (int i = 0; i < P; i++) acc[r * P + i] = vm_step(acc[r * P + i], a, b[i]);
        }
    }
}

/* R pairs of rows of C, and P vectors of columns. */
INLINE void vm_tile(const struct vm_product *p, const struct vm_pairs *pairs, size_t rows,
                    size_t column, const int R, const int P)
{
    vf acc[VM_MOST_PAIRS * VM_MOST_VECTORS];
    float *c = p->c + column;

    UNROLL for (int i = 0; i < R * P; i++) acc[i] = vf_zero();
    for (size_t i = 0; i < pairs->count; i++)
        vm_add_product(p, pairs->at[i], column, acc, R, P);
    /* At the end: sums that round to odd are off by twice as much, so rather of small ones. */
    if (p->more)
        UNROLL for (int r = 0; r < R; r++)
        {
            vf begun[VM_MOST_VECTORS];

            vm_load_pair(c + 2 * r * p->c_row, p->c_row, 2 * r + 1 == (int)rows, begun, P);
            UNROLL for (int i = 0; i < P; i++) acc[r * P + i] = vf_add(begun[i], acc[r * P + i]);
        }
    UNROLL for (int r = 0; r < R; r++)
        vm_store_pair(c + 2 * r * p->c_row, p->c_row, 2 * r + 1 == (int)rows, acc + r * P, P);
}

/* All columns, by P vectors of them, and those left over by 16. */
INLINE void vm_tiles(const struct vm_product *p, const struct vm_pairs *pairs, size_t rows,
                     size_t columns, const int R, const int P)
{
    const size_t wide = (size_t)P * VM_COLUMNS;
    size_t c = 0;

    for (; c + wide <= columns; c += wide)
        vm_tile(p, pairs, rows, c, R, P);
    if (wide > 16)
        for (; c < columns; c += 16)
            vm_tile(p, pairs, rows, c, R, 16 / VM_COLUMNS);
}

/* Where rows are few more columns, so that there are chains enough. */
static inline void vm_multiply_pairs(const struct vm_product *p, const struct vm_pairs *pairs,
                                     size_t rows, size_t columns)
{
    if (rows <= 2)
        vm_tiles(p, pairs, rows, columns, 1, 8);
    else if (rows <= 4)
        vm_tiles(p, pairs, rows, columns, 2, 4);
    else if (rows <= 6)
        vm_tiles(p, pairs, rows, columns, 3, 4);
    else
        vm_tiles(p, pairs, rows, columns, 4, 4);
}

static inline void vm_multiply(const struct vm_product *p, size_t rows, size_t columns)
{
    vm_multiply_pairs(p, &(struct vm_pairs){.count = 1}, rows, columns);
}

#include "matrix.h"
#endif
