/* SPDX-License-Identifier: MIT */
/* bits.h - words of 64 bits, one for each key of a block. */
#ifndef HEED_BITS_H
#define HEED_BITS_H

#include <stddef.h>
#include <stdint.h>

/* The first n <= 64. */
static inline uint64_t heed_bits_below(size_t n)
{
    return n ? UINT64_MAX >> (64 - n) : 0;
}

/* Bits [from, to), none if from >= to; to <= 64. */
static inline uint64_t heed_bits_between(size_t from, size_t to)
{
    return from < to ? heed_bits_below(to) & ~heed_bits_below(from) : 0;
}

/* The first bit that is set, of a word that is not 0. */
static inline size_t heed_first_bit(uint64_t bits)
{
#if defined(__GNUC__)
    return (size_t)__builtin_ctzll(bits);
#else
    size_t n = 0;

    for (; !(bits & 1); bits >>= 1)
        n++;
    return n;
#endif
}

/* One past the last that is. */
static inline size_t heed_end_bit(uint64_t bits)
{
#if defined(__GNUC__)
    return 64 - (size_t)__builtin_clzll(bits);
#else
    size_t n = 0;

    for (; bits; bits >>= 1)
        n++;
    return n;
#endif
}

/* One past the last of the bits that are set from `from` on without a gap. */
static inline size_t heed_run_end(uint64_t bits, size_t from)
{
    const uint64_t after = ~(bits | heed_bits_below(from));

    return after ? heed_first_bit(after) : 64;
}

/* Eight bytes, the first one lowest. */
static inline uint64_t heed_eight_bytes(const unsigned char *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

/*
 * Which of 64 bytes are not 0.  Eight at a time: the highest bit of each says it, and a
 * product brings them side by side, for none of its terms meet.
 */
static inline uint64_t heed_bits_of_bytes(const unsigned char *p)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7f;
    uint64_t bits = 0;

    for (int i = 0; i < 64; i += 8) {
        const uint64_t x = heed_eight_bytes(p + i), any = (((x & low) + low) | x) & ~low;

        bits |= ((any >> 7) * 0x0102040810204080 >> 56) << i;
    }
    return bits;
}

#endif
