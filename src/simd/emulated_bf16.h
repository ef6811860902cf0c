/* SPDX-License-Identifier: MIT */
/*
 * simd/emulated_bf16.h - the sums of AMX and AVX-512 of bf16 in plain C, for tests.
 *
 * As Intel's Software Developer's Manual has it (volume 2, TDPBF16PS and VDPBF16PS): FMAs
 * that round to nearest, whatever the mode; denormals, read or made, are zeros.
 */
#ifndef HEED_SIMD_EMULATED_BF16_H
#define HEED_SIMD_EMULATED_BF16_H

#include <math.h>

/* Not by comparing floats: the caller's mode may take denormals for zeros, or not. */
static inline float vm_flushed(float x)
{
    const uint32_t bits = bits_from_f32(x);

    return bits & 0x7f800000 ? x : f32_from_bits(bits & 0x80000000);
}

static inline float vm_plus_product(float sum, uint16_t x, uint16_t y)
{
    return vm_flushed(
        fmaf(vm_flushed(f32_from_bf16(x)), vm_flushed(f32_from_bf16(y)), vm_flushed(sum)));
}

static inline float vm_plus(float x, float y)
{
    return vm_flushed(vm_flushed(x) + vm_flushed(y));
}

#endif
