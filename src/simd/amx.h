/* SPDX-License-Identifier: MIT */
/* simd/amx.h - the vocabulary of avx512.h, and AMX's for matrices of bf16. */
#ifndef HEED_SIMD_AMX_H
#define HEED_SIMD_AMX_H

#include "avx512.h"

#include "amx_products.h"

#define VM_ROWS 32
#define VM_WORTH 6 /* some 12 times the rate of FMAs, with loads: six products still win */
#define HEED_HAVE_PAIRS_OF_PARTS

static inline void vm_copy_rows(float *to, ptrdiff_t to_row, const float *from, ptrdiff_t from_row,
                                size_t rows, size_t columns)
{
    for (size_t r = 0; r < rows; r++, to += to_row, from += from_row)
        memcpy(to, from, columns * sizeof *to);
}

/* Tiles that are not full go by way of a C of their own: the rows that are none are not C's. */
APART void vm_multiply_pieces(const struct vm_product *p, const struct vm_pairs *pairs, size_t rows,
                              size_t columns)
{
    enum { PIECE_COLUMNS = 32 };
    float c[VM_ROWS * PIECE_COLUMNS] = {0.0f};

    for (size_t from = 0; from < columns; from += PIECE_COLUMNS) {
        const size_t n = columns - from < PIECE_COLUMNS ? columns - from : PIECE_COLUMNS;
        struct vm_product piece = *p;

        piece.b = p->b + vm_b_at(from, 0, p->depth);
        piece.c = c;
        piece.c_row = PIECE_COLUMNS;
        if (p->more)
            vm_copy_rows(c, PIECE_COLUMNS, p->c + from, p->c_row, rows, n);
        vm_multiply_whole(&piece, pairs, rows, n);
        vm_copy_rows(p->c + from, p->c_row, c, PIECE_COLUMNS, rows, n);
    }
}

static inline void vm_multiply_pairs(const struct vm_product *p, const struct vm_pairs *pairs,
                                     size_t rows, size_t columns)
{
    if (rows % VM_TILE == 0)
        vm_multiply_whole(p, pairs, rows, columns);
    else
        vm_multiply_pieces(p, pairs, rows, columns);
}

static inline void vm_multiply(const struct vm_product *p, size_t rows, size_t columns)
{
    vm_multiply_pairs(p, &(struct vm_pairs){.count = 1}, rows, columns);
}

#include "matrix.h"
#endif
