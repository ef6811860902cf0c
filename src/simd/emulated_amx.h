/* SPDX-License-Identifier: MIT */
/* simd/emulated_amx.h - tiles in plain C, for tests where no CPU has them. */
#ifndef HEED_SIMD_EMULATED_AMX_H
#define HEED_SIMD_EMULATED_AMX_H

#include <stdlib.h>

#include "emulated_bf16.h"

enum { TILES = 8, TILE_LINES = 16, TILE_NUMBERS = 32 };

/* Registers: of each thread. */
static _Thread_local uint16_t vm_tiles[TILES][TILE_LINES][TILE_NUMBERS];
static _Thread_local bool vm_configured;

static inline void vm_begin(void)
{
    memset(vm_tiles, 0, sizeof vm_tiles);
    vm_configured = vm_config.palette == 1;
}

static inline void vm_end(void)
{
    vm_configured = false;
}

/* As an operating system that does not give them, for a test. */
static inline bool vm_allowed(void)
{
    return !getenv("HEED_REFUSE_TILES");
}

static inline void emulated_load(int tile, const void *from, size_t row)
{
    for (size_t r = 0; r < TILE_LINES && vm_configured; r++)
        memcpy(vm_tiles[tile][r], (const char *)from + r * row, vm_config.row_bytes[tile]);
}

static inline void emulated_store(int tile, void *to, size_t row)
{
    for (size_t r = 0; r < TILE_LINES && vm_configured; r++)
        memcpy((char *)to + r * row, vm_tiles[tile][r], vm_config.row_bytes[tile]);
}

/* For each element two chains, of the first and of the second numbers of pairs; then both sums. */
static inline void emulated_multiply(int c, int a, int b)
{
    for (size_t r = 0; r < TILE_LINES; r++) {
        float sums[TILE_LINES];

        memcpy(sums, vm_tiles[c][r], sizeof sums);
        for (size_t j = 0; j < TILE_LINES; j++) {
            float first = 0.0f, second = 0.0f;

            for (size_t k = 0; k < TILE_LINES; k++) {
                first = vm_plus_product(first, vm_tiles[a][r][2 * k], vm_tiles[b][k][2 * j]);
                second =
                    vm_plus_product(second, vm_tiles[a][r][2 * k + 1], vm_tiles[b][k][2 * j + 1]);
            }
            sums[j] = vm_plus(sums[j], vm_plus(first, second));
        }
        memcpy(vm_tiles[c][r], sums, sizeof sums);
    }
}

#define TILE_LOAD(tile, from, row) emulated_load(tile, from, row)
#define TILE_STREAM(tile, from, row) emulated_load(tile, from, row)
#define TILE_STORE(tile, to, row) emulated_store(tile, to, row)
#define TILE_ZERO(tile) memset(vm_tiles[tile], 0, sizeof vm_tiles[tile])
#define TILE_MULTIPLY(c, a, b) emulated_multiply(c, a, b)

#endif
