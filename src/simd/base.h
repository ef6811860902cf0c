/* SPDX-License-Identifier: MIT */
/* simd/base.h - what every vocabulary header needs before its first word. */
#ifndef HEED_SIMD_BASE_H
#define HEED_SIMD_BASE_H

#include "arithmetic.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Adding and removing it rounds to the nearest integer, which its low mantissa bits then hold. */
#define VF_MAGIC 0x1.8p23f

static inline float f32_from_bits(uint32_t bits)
{
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint32_t bits_from_f32(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/*
 * f16 is binary16 of IEEE 754, bf16 the upper half of a binary32; both are kept as
 * bits in a uint16_t.  Widening is exact.  Narrowing rounds to nearest even, past
 * the largest number to infinity, and keeps denormals, signs, NaN and the upper
 * bits of its payload, but makes it quiet.  A denormal f16 gets or loses its leading
 * bit in a sum of floats (Giesen 2012, "Half to float done quic"), which is right
 * too where denormal floats are flushed: they are far below the least f16.
 */
static inline float f32_from_f16(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16, bits = (uint32_t)(half & 0x7fff) << 13;
    /* As if the exponent field of zero meant 2^-14 with a leading 1: that much too large. */
    const uint32_t denormal = bits_from_f32(f32_from_bits(bits + 0x38800000) - 0x1p-14f);
    /* The bias goes from 15 to 127; infinity and NaN, 0x1f, go to 0xff. */
    const uint32_t number = bits + 0x38000000, infinite = bits + 0x70000000;
    const uint32_t quiet = bits > 0x0f800000 ? 0x00400000 : 0;

    return f32_from_bits(sign | (bits < 0x00800000   ? denormal
                                 : bits < 0x0f800000 ? number
                                                     : infinite | quiet));
}

static inline uint16_t f16_from_f32(float x)
{
    const uint32_t sign = bits_from_f32(x) >> 16 & 0x8000, bits = bits_from_f32(x) & 0x7fffffff;
    /* The last bit of 0.5f is worth 2^-24, as that of a denormal f16 is. */
    const uint32_t denormal = bits_from_f32(f32_from_bits(bits) + 0.5f) - 0x3f000000;
    /* Half of the last bit kept, less than that where it is even; a carry may reach infinity. */
    const uint32_t number = (bits - 0x38000000 + 0x0fff + (bits >> 13 & 1)) >> 13;
    const uint32_t infinite = bits > 0x7f800000 ? 0x7e00 | (bits >> 13 & 0x3ff) : 0x7c00;

    return (uint16_t)(sign | (bits < 0x38800000   ? denormal
                              : bits < 0x47800000 ? number
                                                  : infinite));
}

static inline float f32_from_bf16(uint16_t half)
{
    return f32_from_bits((uint32_t)half << 16);
}

static inline uint16_t bf16_from_f32(float x)
{
    const uint32_t bits = bits_from_f32(x);
    const uint32_t rounded = bits + 0x7fff + (bits >> 16 & 1);

    /* Rounding could carry a NaN to infinity, or to zero. */
    return (uint16_t)(((bits & 0x7fffffff) > 0x7f800000 ? bits | 0x00400000 : rounded) >> 16);
}

#include "base_byte.h"

#endif
