/* SPDX-License-Identifier: MIT */
/*
 * simd/common_bits.h - part of common.h: a bit for each lane or byte, and lanes chosen by bits.
 *
 * Bit i of a word of bits belongs to lane i of a vector, or to number i of 64.
 */
#ifndef HEED_SIMD_COMMON_BITS_H
#define HEED_SIMD_COMMON_BITS_H

#include "bits.h"

#ifndef HEED_HAVE_BITS_LT
/* The lanes where a < b.  NaN is not. */
static inline uint32_t vf_bits_lt(vf a, vf b)
{
    float x[VF_LANES], y[VF_LANES];
    uint32_t bits = 0;

    vf_store(x, a);
    vf_store(y, b);
    for (int i = 0; i < VF_LANES; i++)
        bits |= (uint32_t)(x[i] < y[i]) << i;
    return bits;
}
#endif

#ifndef HEED_HAVE_KEEP_BITS
/* The lanes of a whose bit is set, the others of b; further bits do not matter. */
static inline vf vf_keep_bits(vf a, uint32_t bits, vf b)
{
    float x[VF_LANES], y[VF_LANES];

    vf_store(x, a);
    vf_store(y, b);
    for (int i = 0; i < VF_LANES; i++)
        y[i] = bits >> i & 1 ? x[i] : y[i];
    return vf_load(y);
}
#endif

#ifndef HEED_HAVE_KEEP_BITS_OF_BLOCK
/* Of 64 numbers those stay whose bit is set; the others become `other`. */
static inline void keep_bits_of_block(float *x, uint64_t bits, vf other)
{
    for (int i = 0; i < 64; i += VF_LANES)
        vf_store(x + i, vf_keep_bits(vf_load(x + i), (uint32_t)(bits >> i), other));
}
#endif

#ifndef HEED_HAVE_BITS_OF_BYTES
/* Which of 64 bytes are not 0. */
static inline uint64_t bits_of_bytes(const unsigned char *p)
{
    return heed_bits_of_bytes(p);
}
#endif

#endif
