/* SPDX-License-Identifier: MIT */
/*
 * random.h - a small generator whose sequence is the same on every machine
 * (splitmix64: Steele, Lea & Flood 2014, "Fast splittable pseudorandom number
 * generators"), so that a seed printed on a board reproduces on a desk.
 */
#ifndef HEED_CHECKS_RANDOM_H
#define HEED_CHECKS_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

static inline uint64_t random_bits(struct random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Uniform in [0, n); the bias of the remainder does not matter here. */
static inline size_t random_below(struct random *random, size_t n)
{
    return (size_t)(random_bits(random) % n);
}

static inline bool random_once_in(struct random *random, size_t n)
{
    return random_below(random, n) == 0;
}

/* Uniform in [low, high). */
static inline float random_float(struct random *random, float low, float high)
{
    return low + (high - low) * ((float)(random_bits(random) >> 40) * 0x1p-24f);
}

#define RANDOM_OF(random, array) (array)[random_below(random, sizeof(array) / sizeof *(array))]

#endif
