/* SPDX-License-Identifier: MIT */
/* bytes.h - a fuzzer's input as a stream of choices; past its end all choices are 0. */
#ifndef HEED_FUZZ_BYTES_H
#define HEED_FUZZ_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
    const uint8_t *at;
    size_t left;
};

static inline uint8_t bytes_next(struct bytes *bytes)
{
    if (!bytes->left)
        return 0;
    bytes->left--;
    return *bytes->at++;
}

static inline uint64_t bytes_word(struct bytes *bytes)
{
    uint64_t word = 0;

    for (int i = 0; i < 8; i++)
        word = word << 8 | bytes_next(bytes);
    return word;
}

/* In [low, high], both included; at most 256 values of them. */
static inline size_t bytes_between(struct bytes *bytes, size_t low, size_t high)
{
    return low + bytes_next(bytes) % (high - low + 1);
}

/* In [-128, 127]. */
static inline ptrdiff_t bytes_signed(struct bytes *bytes)
{
    return (ptrdiff_t)bytes_next(bytes) - 128;
}

#endif
