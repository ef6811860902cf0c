/* SPDX-License-Identifier: MIT */
/* key_bits.h - which of up to 64 keys, or rows, are meant: bit j stands for number j. */
#ifndef HEED_KERNELS_KEY_BITS_H
#define HEED_KERNELS_KEY_BITS_H

#include <stdbool.h>

#include "bits.h"

/* Keys of a block, counted from its first: [from, to) without [hole, hole_end). */
struct seen {
    size_t from, to, hole, hole_end;
};

/* Neighbours: numbers [from, to). */
struct run {
    size_t from, to;
};

static inline uint64_t bits_seen(struct seen seen)
{
    return heed_bits_between(seen.from, seen.to) & ~heed_bits_between(seen.hole, seen.hole_end);
}

/* Whether all of n bits from bit `from` on, which is below 64, are set. */
static inline bool all_bits(uint64_t bits, size_t from, size_t n)
{
    return !(~bits >> from & heed_bits_below(n));
}

static inline bool any_bits(uint64_t bits, size_t from, size_t n)
{
    return bits >> from & heed_bits_below(n);
}

/* The first run of bits of [from, to); an empty one at `to` if there is none. */
static inline struct run next_run(uint64_t bits, size_t from, size_t to)
{
    size_t end;

    if (from < to && all_bits(bits, from, to - from))
        return (struct run){from, to};
    while (from < to && !(bits >> from & 1))
        from++;
    for (end = from; end < to && bits >> end & 1;)
        end++;
    return (struct run){from, end};
}

#endif
