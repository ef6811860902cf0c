/* SPDX-License-Identifier: MIT */
/*
 * simd/amx_tiles.h - part of amx.h: the instructions on tiles, and leave to use them.
 *
 * A tile is 16 rows of 64 bytes: 16 rows of 32 bf16 of A, 16 pairs of numbers of 16
 * columns of B, or 16 x 16 floats of C.
 */
#ifndef HEED_SIMD_AMX_TILES_H
#define HEED_SIMD_AMX_TILES_H

enum { VM_TILE = 16, VM_TILE_BYTES = 64 };

/* What LDTILECFG reads: palette 1, and rows and bytes of a row of each tile. */
struct vm_config {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

static const struct vm_config vm_config = {.palette = 1,
                                           .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
                                           .rows = {16, 16, 16, 16, 16, 16, 16, 16}};

#if HEED_SIMD_EMULATED
#include "emulated_amx.h"
#else
/* Numbers of tiles are part of the instruction: constants, in brackets the compilers refuse. */
#define TILE_LOAD(tile, from, row) _tile_loadd(tile, from, row)
#define TILE_STREAM(tile, from, row) _tile_stream_loadd(tile, from, row)
#define TILE_STORE(tile, to, row) _tile_stored(tile, to, row)
#define TILE_ZERO(tile) _tile_zero(tile)
#define TILE_MULTIPLY(c, a, b) _tile_dpbf16ps(c, a, b)

static inline void vm_begin(void)
{
    _tile_loadconfig(&vm_config);
}

static inline void vm_end(void)
{
    _tile_release();
}

/*
 * Linux gives a process tiles when it asks for them: arch_prctl(ARCH_REQ_XCOMP_PERM,
 * XFEATURE_XTILEDATA).  It refuses if the alternate signal stack of a thread is too small
 * to save them.  The system call itself: the C library has no function for this one, and
 * syscall() is no part of the C that the library is written in.
 */
static inline bool vm_allowed(void)
{
    enum { ARCH_PRCTL = 158, REQ_XCOMP_PERM = 0x1023, XTILEDATA = 18 };
    long result = ARCH_PRCTL;

    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"((long)REQ_XCOMP_PERM), "S"((long)XTILEDATA)
                     : "rcx", "r11", "memory");
    return result == 0;
}
#endif

#endif
