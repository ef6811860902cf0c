/* SPDX-License-Identifier: MIT */
/*
 * simd/amx.h - the vocabulary of avx512.h, and AMX's for matrices of bf16.
 *
 * Two tiles of rows by two of columns: C in tiles 0 to 3, A in 4 and 5, B in 6 and 7.  A
 * tile that is stored right behind its last product costs some 8 cycles a product, and so
 * do two stores one behind the other; with one other product between them they are free.
 * So C 0 and 1 are stored among the last products of a group of columns, C 2 and 3 among
 * the first ones of the next.
 */
#ifndef HEED_SIMD_AMX_H
#define HEED_SIMD_AMX_H

#include "avx512.h"

#include "matrix512.h"

#include "amx_tiles.h"

#define VM_ROWS 32
#define VM_WORTH 6 /* some 12 times the rate of FMAs, with loads: six products still win */
#define HEED_HAVE_PAIRS_OF_PARTS

enum { VM_TILE = 16, VM_TILE_BYTES = 64 };

/* Where the tiles of one group of 32 columns are: [row of tiles][column of tiles]. */
struct vm_group {
    float *c[2][2];
    size_t c_bytes; /* from row to row */
};

static inline struct vm_group vm_group_at(const struct vm_product *p, size_t column)
{
    float *c = p->c + column, *below = c + VM_TILE * p->c_row;

    return (struct vm_group){{{c, c + VM_TILE}, {below, below + VM_TILE}},
                             (size_t)p->c_row * sizeof *c};
}

/* A tile of A from row `row` on; its rows are as long as the depth. */
#define LOAD_A(tile, row) TILE_LOAD(tile, a + vm_a_at(row, d, p->depth), p->depth * sizeof *p->a)
/* A tile of B; by the streaming load, which leaves the first cache to C. */
#define LOAD_B(tile, column) TILE_STREAM(tile, b + vm_b_at(column, d, p->depth), VM_TILE_BYTES)
#define STORE_C(tile, group) TILE_STORE(tile, (group)->c[(tile) / 2][(tile) % 2], (group)->c_bytes)
#define BEGIN_C(tile, group)                                                                       \
    do {                                                                                           \
        if (p->more)                                                                               \
            TILE_LOAD(tile, (group)->c[(tile) / 2][(tile) % 2], (group)->c_bytes);                 \
        else                                                                                       \
            TILE_ZERO(tile);                                                                       \
    } while (0)

/* The steps of depth of all products, one behind the other. */
#define FOR_STEPS                                                                                  \
    for (size_t i = 0; i < pairs->count; i++)                                                      \
        for (size_t d = p->from; d < p->to; d += VM_DEPTH)

/* 32 rows and columns.  `before`: the group whose C 2 and 3 are still to be stored, or NULL. */
static inline void vm_multiply_group(const struct vm_product *p, const struct vm_pairs *pairs,
                                     size_t column, const struct vm_group *group,
                                     const struct vm_group *before)
{
    BEGIN_C(0, group);
    BEGIN_C(1, group);
    FOR_STEPS
    {
        const uint16_t *a = p->a + pairs->at[i].a, *b = p->b + pairs->at[i].b;
        const bool first = i == 0 && d == p->from;
        const bool last = i + 1 == pairs->count && d + VM_DEPTH == p->to;

        LOAD_A(4, 0);
        LOAD_B(6, column);
        TILE_MULTIPLY(0, 4, 6);
        if (first && before)
            STORE_C(2, before);
        LOAD_B(7, column + VM_TILE);
        TILE_MULTIPLY(1, 4, 7);
        if (first && before)
            STORE_C(3, before);
        if (first) {
            BEGIN_C(2, group);
            BEGIN_C(3, group);
        }
        LOAD_A(5, VM_TILE);
        if (last)
            STORE_C(0, group);
        TILE_MULTIPLY(2, 5, 6);
        if (last)
            STORE_C(1, group);
        TILE_MULTIPLY(3, 5, 7);
    }
}

/* 16 rows and columns: what is left over, and rows of a decode. */
static inline void vm_multiply_tile(const struct vm_product *p, const struct vm_pairs *pairs,
                                    size_t row, size_t column)
{
    const struct vm_group at = vm_group_at(p, column);
    const struct vm_group *group = &at;

    if (row) {
        BEGIN_C(2, group);
        FOR_STEPS
        {
            const uint16_t *a = p->a + pairs->at[i].a, *b = p->b + pairs->at[i].b;

            LOAD_A(5, VM_TILE);
            LOAD_B(6, column);
            TILE_MULTIPLY(2, 5, 6);
        }
        STORE_C(2, group);
        return;
    }
    BEGIN_C(0, group);
    FOR_STEPS
    {
        const uint16_t *a = p->a + pairs->at[i].a, *b = p->b + pairs->at[i].b;

        LOAD_A(4, 0);
        LOAD_B(6, column);
        TILE_MULTIPLY(0, 4, 6);
    }
    STORE_C(0, group);
}

#undef LOAD_A
#undef LOAD_B
#undef FOR_STEPS
#undef BEGIN_C

static inline void vm_multiply_groups(const struct vm_product *p, const struct vm_pairs *pairs,
                                      size_t columns)
{
    struct vm_group group[2];
    const struct vm_group *before = NULL;

    for (size_t c = 0, i = 0; c < columns; c += 2 * VM_TILE, i = !i) {
        group[i] = vm_group_at(p, c);
        vm_multiply_group(p, pairs, c, &group[i], before);
        before = &group[i];
    }
    if (before) {
        STORE_C(2, before);
        STORE_C(3, before);
    }
}

#undef STORE_C

/* One or two whole tiles of rows. */
static inline void vm_multiply_whole(const struct vm_product *p, const struct vm_pairs *of,
                                     size_t rows, size_t columns)
{
    /* gcc 12 does not know that a tile is loaded from memory: what was written there, is now. */
    __asm__ volatile("" ::: "memory");

    const size_t pairs = rows > VM_TILE && p->from < p->to ? columns / 32 * 32 : 0;

    vm_multiply_groups(p, of, pairs);
    for (size_t c = pairs; c < columns; c += VM_TILE)
        for (size_t r = 0; r < rows; r += VM_TILE)
            vm_multiply_tile(p, of, r, c);
}

static inline void vm_copy_rows(float *to, ptrdiff_t to_row, const float *from, ptrdiff_t from_row,
                                size_t rows, size_t columns)
{
    for (size_t r = 0; r < rows; r++, to += to_row, from += from_row)
        memcpy(to, from, columns * sizeof *to);
}

/* Tiles that are not full go by way of a C of their own: the rows that are none are not C's. */
static inline void vm_multiply_pairs(const struct vm_product *p, const struct vm_pairs *pairs,
                                     size_t rows, size_t columns)
{
    enum { PIECE_COLUMNS = 32 };
    float c[VM_ROWS * PIECE_COLUMNS] = {0.0f};

    if (rows % VM_TILE == 0) {
        vm_multiply_whole(p, pairs, rows, columns);
        return;
    }
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

static inline void vm_multiply(const struct vm_product *p, size_t rows, size_t columns)
{
    vm_multiply_pairs(p, &(struct vm_pairs){.count = 1}, rows, columns);
}

#include "matrix.h"
#endif
