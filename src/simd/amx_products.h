/* SPDX-License-Identifier: MIT */
/*
 * simd/amx_products.h - part of amx.h: products of whole tiles, and what stays in registers.
 *
 * Two tiles of rows by two of columns: C in tiles 0 to 3, A in 4 and 5, B in 6 and 7.  A
 * tile that is stored right behind its last product costs some 8 cycles a product, and so
 * do two stores one behind the other; with one other product between them they are free.
 * So C 0 and 1 are stored among the last products of a group of columns, C 2 and 3 among
 * the first ones of the next.
 */
#ifndef HEED_SIMD_AMX_PRODUCTS_H
#define HEED_SIMD_AMX_PRODUCTS_H

#include "amx_tiles.h"
#include "matrix512.h"

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

#endif
