/* SPDX-License-Identifier: MIT */
/* simd/base.h - what every vocabulary header needs before its first word. */
#ifndef HEED_SIMD_BASE_H
#define HEED_SIMD_BASE_H

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

#endif
