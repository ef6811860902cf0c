/* SPDX-License-Identifier: MIT */
/* ceilings/unit_types.h - part of unit.c: the loops that read numbers of some type as f32. */
#ifndef HEED_BENCH_CEILINGS_UNIT_TYPES_H
#define HEED_BENCH_CEILINGS_UNIT_TYPES_H

#include <string.h>

INLINE size_t size_of(heed_dtype type)
{
    return type == HEED_F32 ? 4 : type == HEED_F16 || type == HEED_BF16 ? 2 : 1;
}

/* A vector of numbers, widened as the kernels do it. */
INLINE vf load_of(heed_dtype type, const void *p)
{
    switch (type) {
    case HEED_F16:
        return vf_load_f16(p);
    case HEED_BF16:
        return vf_load_bf16(p);
    case HEED_I8:
        return vf_load_i8(p);
    case HEED_F8:
        return vf_load_f8_finite(p); /* as the kernels do, where no number is NaN */
    default:
        return vf_load(p);
    }
}

/* The number 1, which every type has. */
static void fill_with_ones(heed_dtype type, void *to, size_t count)
{
    const float one = 1.0f;
    const uint16_t f16 = 0x3c00, bf16 = 0x3f80;
    const uint8_t i8 = 1, f8 = 0x78; /* 256, of which a 256th is loaded */
    const void *const ones[CEILING_TYPES] = {&one, &f16, &bf16, &i8, &f8};

    for (size_t i = 0; i < count; i++)
        memcpy((char *)to + i * size_of(type), ones[type], size_of(type));
}

/*
 * FMAs with a vector load for every three, as in the tiles of the kernels, from 16 rows that
 * stay in L1.  x <- 1 x + 1 with a 1 from memory: sums stop growing at 2^24, long before they
 * could overflow.  Returns by how much all numbers grew.
 */
INLINE float fma_loads(heed_dtype type, size_t rounds)
{
    enum { ROW = LOADS * VF_LANES, ROWS = 16 };
    const vf one = vf_set1(1.0f);
    _Alignas(64) char ones[ROWS * ROW * sizeof(float)]; /* no load straddles two cache lines */
    vf acc[LOADS][PER_LOAD], begun[LOADS][PER_LOAD];

    fill_with_ones(type, ones, ROWS * ROW);
    start(acc);
    for (size_t round = 0; round < rounds; round++) {
        const char *row = ones + round % ROWS * ROW * size_of(type);

        UNROLL for (int i = 0; i < LOADS; i++)
        {
            const vf factor = load_of(type, row + (size_t)i * VF_LANES * size_of(type));

            UNROLL for (int j = 0; j < PER_LOAD; j++) acc[i][j] = vf_fma(acc[i][j], factor, one);
        }
    }
    start(begun);
    return sum_of(acc) - sum_of(begun);
}

/* Returns the sum of what it read. */
INLINE float read_numbers(heed_dtype type, const char *from, size_t count)
{
    const size_t vector = VF_LANES * size_of(type), end = count * size_of(type);
    vf sum[STREAMS];

    UNROLL for (int i = 0; i < STREAMS; i++) sum[i] = vf_zero();
    for (size_t at = 0; at < end; at += STREAMS * vector)
        UNROLL for (size_t i = 0; i < STREAMS; i++) sum[i] =
            vf_add(sum[i], load_of(type, from + at + i * vector));
    UNROLL for (int i = 1; i < STREAMS; i++) sum[0] = vf_add(sum[0], sum[i]);
    return vf_reduce_add(sum[0]);
}

#define LOOPS_OF(name, type)                                                                       \
    static float loads_##name(size_t rounds)                                                       \
    {                                                                                              \
        return fma_loads(type, rounds);                                                            \
    }                                                                                              \
    static float read_##name(const void *from, size_t count)                                       \
    {                                                                                              \
        return read_numbers(type, from, count);                                                    \
    }

LOOPS_OF(f32, HEED_F32)
LOOPS_OF(f16, HEED_F16)
LOOPS_OF(bf16, HEED_BF16)
LOOPS_OF(i8, HEED_I8)
LOOPS_OF(f8, HEED_F8)

#undef LOOPS_OF

#endif
