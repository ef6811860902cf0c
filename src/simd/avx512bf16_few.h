/* SPDX-License-Identifier: MIT */
/*
 * simd/avx512bf16_few.h - part of avx512bf16.h: products of few rows, without operands in memory.
 *
 * Keys and values become pairs in registers.  The chains are those of vm_tile(): of a score
 * over pairs of dims, of a sum over pairs of keys; so are the bits.
 */
#ifndef HEED_SIMD_AVX512BF16_FEW_H
#define HEED_SIMD_AVX512BF16_FEW_H

#include "avx512bf16_pairs.h"

#define HEED_HAVE_FEW
#define VM_FEW 6 /* rows at most */

/* Scores with 64 keys of a panel [n][64], n a multiple of 32. */
INLINE void vm_few_kept(const uint16_t *q, size_t depth, struct vm_rows *k, size_t n, float *s,
                        ptrdiff_t s_row, const int R)
{
    vf acc[VM_FEW][4];

    UNROLL for (int i = 0; i < R * 4; i++) acc[i / 4][i % 4] = vf_zero();
    for (size_t d = 0; d < n; d += 2) {
        const uint16_t *at = k->at + (ptrdiff_t)d * k->row;
        vf pairs[4];

        vm_fetch_lines(k, 4);
        UNROLL for (int c = 0; c < 2; c++)
            vm_interleave(at + 32 * c, at + k->row + 32 * c, pairs + 2 * c);
        UNROLL for (int r = 0; r < R; r++)
        {
            const vf x = vm_pair(q + vm_a_at((size_t)r, d, depth));

            UNROLL for (int c = 0; c < 4; c++) acc[r][c] = vm_step(acc[r][c], x, pairs[c]);
        }
    }
    UNROLL for (int r = 0; r < R; r++)
    {
        vm_join(acc[r]);
        vm_join(acc[r] + 2);
        UNROLL for (int c = 0; c < 4; c++) vf_store(s + r * s_row + c * VF_LANES, acc[r][c]);
    }
}

/* Adds 32 C columns of the values [from, to), times weights, to c. */
INLINE void vm_few_values(const uint16_t *w, struct vm_rows *v, size_t from, size_t to, float *c,
                          ptrdiff_t c_row, const bool more, const int R, const int C)
{
    vf acc[VM_FEW * 4][2];

    UNROLL for (int i = 0; i < R * C; i++)
    {
        const float *at = c + i / C * c_row + i % C * 2 * VF_LANES;

        UNROLL for (int h = 0; h < 2; h++) acc[i][h] =
            more ? vf_load(at + h * VF_LANES) : vf_zero();
        if (more)
            vm_part(acc[i]);
    }
    for (size_t j = from; j < to; j += 2) {
        const uint16_t *at = v->at + (ptrdiff_t)j * v->row;
        vf pairs[4][2];

        vm_fetch_lines(v, 2 * C);
        UNROLL for (int i = 0; i < C; i++)
            vm_interleave(at + 32 * i, at + v->row + 32 * i, pairs[i]);
        UNROLL for (int r = 0; r < R; r++)
        {
            const vf x = vm_pair(w + vm_a_at((size_t)r, j, 64));

            UNROLL for (int i = 0; i < 2 * C; i++) acc[r * C + i / 2][i % 2] =
                vm_step(acc[r * C + i / 2][i % 2], x, pairs[i / 2][i % 2]);
        }
    }
    UNROLL for (int i = 0; i < R * C; i++)
    {
        float *at = c + i / C * c_row + i % C * 2 * VF_LANES;

        vm_join(acc[i]);
        UNROLL for (int h = 0; h < 2; h++) vf_store(at + h * VF_LANES, acc[i][h]);
    }
}

/* CALL(R) with R the number of rows, as a constant. */
#define VM_FEW_CASE(R, CALL)                                                                       \
    case R:                                                                                        \
        CALL(R);                                                                                   \
        break
#define VM_FOR_FEW(rows, CALL)                                                                     \
    switch (rows) {                                                                                \
        VM_FEW_CASE(1, CALL);                                                                      \
        VM_FEW_CASE(2, CALL);                                                                      \
        VM_FEW_CASE(3, CALL);                                                                      \
        VM_FEW_CASE(4, CALL);                                                                      \
        VM_FEW_CASE(5, CALL);                                                                      \
        VM_FEW_CASE(6, CALL);                                                                      \
    }

/*
 * 64 keys of n numbers, a multiple of 32, into the columns of B; half of what is to be fetched is
 * left to the product with them.  For one row, too, that takes less
 * time than to multiply them as they come out of the transposition, 16 keys at a time: each
 * score is one chain, and four of them wait for each other.
 */
APART void vm_pack_fetching(uint16_t *b, struct vm_rows k, size_t n)
{
    for (size_t c = 0; c < 64; c += 16, k.at += 16 * k.row) {
        for (size_t d = 0; d < n; d += 32) {
            vf key[16];

            vm_fetch_lines(&k, 8);
            UNROLL for (ptrdiff_t j = 0; j < 16; j++) key[j] =
                vm_load_dwords(k.at + j * k.row + (ptrdiff_t)d);
            vf_transpose(key);
            UNROLL for (int i = 0; i < 16; i++)
                vm_store_dwords(b + vm_b_at(c, d + 2 * (size_t)i, n), key[i]);
        }
    }
}

/* 64 scores of each row with keys in a panel that was kept. */
APART void vm_scores_of_kept(const uint16_t *q, size_t depth, struct vm_rows k, size_t n, float *s,
                             ptrdiff_t s_row, size_t rows){
#define CALL(R) vm_few_kept(q, depth, &k, n, s, s_row, R)
    VM_FOR_FEW(rows, CALL)
#undef CALL
}

/* Columns of c, a multiple of 32: as many at a time as registers hold. */
APART void vm_sums_of_values(const uint16_t *w, struct vm_rows v, size_t from, size_t to, float *c,
                             ptrdiff_t c_row, size_t columns, bool more, size_t rows)
{
    for (size_t n; columns; v.at += n, c += n, columns -= n) {
        n = rows <= 2 && columns >= 128 ? 128 : columns >= 64 ? 64 : 32;
        if (n == 128 && rows == 1)
            vm_few_values(w, &v, from, to, c, c_row, more, 1, 4);
        else if (n == 128)
            vm_few_values(w, &v, from, to, c, c_row, more, 2, 4);
        else if (n == 64)
#define CALL(R) vm_few_values(w, &v, from, to, c, c_row, more, R, 2)
            VM_FOR_FEW(rows, CALL)
#undef CALL
        else
#define CALL(R) vm_few_values(w, &v, from, to, c, c_row, more, R, 1)
            VM_FOR_FEW(rows, CALL)
#undef CALL
    }
}

#endif
