/* SPDX-License-Identifier: MIT */
/*
 * ceilings/matrix_amx.h - part of unit.c: TDPBF16PS on tiles that stay in registers.
 *
 * Four sums, two operands for each side, as in the kernels: an instruction begins every 16
 * cycles and takes 52 (Intel's optimization reference manual), so that four are enough.
 */
#ifndef HEED_BENCH_CEILINGS_MATRIX_AMX_H
#define HEED_BENCH_CEILINGS_MATRIX_AMX_H

enum { PRODUCTS = 4, MATRIX_FLOP = PRODUCTS * 2 * 16 * 16 * 32 };

/* Returns the sum of all numbers of C: of ones, each product adds 16 x 16 x 32. */
static float matrix(size_t rounds)
{
    static volatile uint16_t one = 0x3f80;
    uint16_t ones[16 * 32];
    float c[PRODUCTS * 16 * 16], sum = 0.0f;

    for (size_t i = 0; i < 16 * 32; i++)
        ones[i] = one;
    vm_begin();
    __asm__ volatile("" ::: "memory"); /* gcc 12 does not know that a tile is loaded from memory */
    TILE_LOAD(4, ones, 64);
    TILE_LOAD(5, ones, 64);
    TILE_LOAD(6, ones, 64);
    TILE_LOAD(7, ones, 64);
    TILE_ZERO(0);
    TILE_ZERO(1);
    TILE_ZERO(2);
    TILE_ZERO(3);
    for (size_t round = 0; round < rounds; round++) {
        TILE_MULTIPLY(0, 4, 6);
        TILE_MULTIPLY(1, 4, 7);
        TILE_MULTIPLY(2, 5, 6);
        TILE_MULTIPLY(3, 5, 7);
    }
    TILE_STORE(0, c, 64);
    TILE_STORE(1, c + 256, 64);
    TILE_STORE(2, c + 512, 64);
    TILE_STORE(3, c + 768, 64);
    vm_end();
    __asm__ volatile("" ::: "memory"); /* nor that one is stored there */
    for (size_t i = 0; i < PRODUCTS * 16 * 16; i++)
        sum += c[i];
    return sum;
}

#endif
