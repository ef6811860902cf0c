/* SPDX-License-Identifier: MIT */
/*
 * simd/base_byte.h - part of base.h: the 8-bit types, one number at a time.
 *
 * i8 is an integer of 8 bits.  f8 is E4M3 of the OCP 8-bit Floating Point Specification
 * (revision 1.0; Micikevicius et al. 2022, arXiv:2209.05433): bias 7, no infinities, NaN
 * where exponent and fraction are all ones, numbers up to 448; kept as bits in a uint8_t.
 * Widening is exact.  Narrowing rounds to nearest even and saturates, at 127 and at 448;
 * f8 keeps denormals, signs and NaN, i8 makes any number of a NaN.
 *
 * Vectors of f8 are loaded as 256ths of the numbers: that is what comes of them by way of
 * f16, without a multiplication for each, and a sum of them is multiplied once.
 */
#ifndef HEED_SIMD_BASE_BYTE_H
#define HEED_SIMD_BASE_BYTE_H

#define VF_MOST_I8 127.0f
#define VF_MOST_F8 448.0f
#define VF_F8_LOADED 256.0f /* times what is loaded makes the number */

/*
 * A 256th of an f8 as f16, whose bias is 8 more and whose denormals come with it: nothing
 * here is a denormal float, which the caller's mode might flush.
 */
static inline uint16_t f16_from_f8(uint8_t code)
{
    const unsigned size = code & 0x7f;

    return (uint16_t)((code & 0x80u) << 8 | size << 7 | (size == 0x7f ? 0x7c00u : 0u));
}

static inline uint8_t f8_from_f32(float x)
{
    const uint32_t size = bits_from_f32(x) & 0x7fffffff;
    const uint32_t bits = size < 0x43e00000 ? size : 0x43e00000; /* 448 */
    /* The last bit of 2^14 is worth 2^-9, as that of a denormal f8 is. */
    const uint32_t denormal = bits_from_f32(f32_from_bits(bits) + 0x1p14f) - 0x46800000;
    /* Half of the last bit kept, less than that where it is even. */
    const uint32_t number = (bits - 0x3c000000 + 0x7ffff + (bits >> 20 & 1)) >> 20;
    const uint32_t code = size > 0x7f800000 ? 0x7f : bits < 0x3c800000 ? denormal : number;

    return (uint8_t)(bits_from_f32(x) >> 24 & 0x80) | (uint8_t)code;
}

static inline int8_t i8_from_f32(float x)
{
    const float above = x > -VF_MOST_I8 ? x : -VF_MOST_I8;
    const float within = above < VF_MOST_I8 ? above : VF_MOST_I8;

    return (int8_t)(bits_from_f32(within + VF_MAGIC) & 0xff);
}

#endif
