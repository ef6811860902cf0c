/* SPDX-License-Identifier: MIT */
/*
 * simd/emulated_bfmmla.h - BFMMLA in plain C, for tests where no CPU has it.
 *
 * As the Arm Architecture Reference Manual has it (BFMatMulAdd; FPCR.EBF = 0): the two
 * products of a pair are added, their sum is added to the element, pair by pair; sums
 * round to odd; denormals, read or made, are zeros of their sign; too large is infinity.
 */
#ifndef HEED_SIMD_EMULATED_BFMMLA_H
#define HEED_SIMD_EMULATED_BFMMLA_H

#include <float.h>

/* Not by comparing floats: the caller's mode may take denormals for zeros, or not. */
static inline float vm_flushed(float x)
{
    const uint32_t bits = bits_from_f32(x);

    return bits & 0x7f800000 ? x : f32_from_bits(bits & 0x80000000);
}

/* Exact, unless it is flushed or infinite: two times 8 bits are fewer than 24. */
static inline float vm_times(uint16_t x, uint16_t y)
{
    return vm_flushed(vm_flushed(f32_from_bf16(x)) * vm_flushed(f32_from_bf16(y)));
}

/* Towards zero, and where that is inexact with the last bit set (Boldo & Melquiond 2008). */
static inline float vm_plus(float x, float y)
{
    const float sum = x + y, y_part = sum - x;
    /* What rounding to nearest took away (Knuth's TwoSum); exact. */
    const float rest = (x - (sum - y_part)) + (y - y_part);

    if (!(sum - sum == 0.0f) || rest == 0.0f)
        return vm_flushed(sum);

    const bool past = (rest < 0.0f) == (sum > 0.0f);
    return vm_flushed(f32_from_bits((bits_from_f32(sum) - past) | 1));
}

static inline vf vm_step(vf acc, uint16x8_t a, uint16x8_t b)
{
    float c[VF_LANES];
    uint16_t x[8], y[8];

    vf_store(c, acc);
    vst1q_u16(x, a);
    vst1q_u16(y, b);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            for (int n = 0; n < 4; n += 2) {
                const float first = vm_times(x[4 * i + n], y[4 * j + n]);
                const float second = vm_times(x[4 * i + n + 1], y[4 * j + n + 1]);

                c[2 * i + j] = vm_plus(vm_flushed(c[2 * i + j]), vm_plus(first, second));
            }
    return vf_load(c);
}

#endif
