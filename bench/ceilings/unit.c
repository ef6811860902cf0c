/* SPDX-License-Identifier: MIT */
/*
 * ceilings/unit.c - the ceiling loops of one instruction set.
 *
 * Compiled once per instruction set, with its flags and
 *   CEILING_ISA     its name, avx2
 *   CEILING_HEADER  its vocabulary, "simd/avx2.h"
 *   CEILING_MATRIX  if it has a matrix unit, the header with its loop, "matrix_amx.h"
 */
#include CEILING_HEADER

#include "unit.h"

#include "kernels/compiler.h"

/*
 * Independent chains: at least latency x FMAs per cycle of them, or the latency
 * is measured.  Two a cycle of latency 4 to 6 (a separate multiply and add: 6 to
 * 8) need 8 to 16; 12 fill 16 registers, with two constants and one temporary.
 * Tiles of 24 tell of 32 registers; there, cores with four short pipes are fed too.
 */
enum {
    LOADS = TILE_ROWS * TILE_VECS >= 24 ? 8 : 4,
    PER_LOAD =
        3,      /* as in a register tile of 6 x 4, where 24 FMAs take 4 vectors and 6 broadcasts */
    STREAMS = 8 /* hides the latency of the additions that consume what is read */
};

/* Unknown to the compiler, and no two alike, or it would keep one chain in place of several. */
static volatile float unknown = 3.0f;

INLINE void start(vf acc[LOADS][PER_LOAD])
{
    const float first = unknown;

    UNROLL for (int i = 0; i < LOADS; i++) UNROLL for (int j = 0; j < PER_LOAD; j++) acc[i][j] =
        vf_set1(first + (float)(PER_LOAD * i + j));
}

INLINE float sum_of(vf acc[LOADS][PER_LOAD])
{
    vf sum = vf_zero();

    UNROLL for (int i = 0; i < LOADS; i++) UNROLL for (int j = 0; j < PER_LOAD; j++) sum =
        vf_add(sum, acc[i][j]);
    return vf_reduce_add(sum);
}

/*
 * x <- x/2 + 1 tends to 2: no overflow, no denormal, and nothing that a compiler
 * could take out of the loop, as it could the product in x <- x + a b.
 */
static float fma_f32(size_t rounds)
{
    const vf half = vf_set1(0.5f), one = vf_set1(1.0f);
    vf acc[LOADS][PER_LOAD];

    start(acc);
    for (size_t round = 0; round < rounds; round++)
        UNROLL for (int i = 0; i < LOADS; i++) UNROLL for (int j = 0; j < PER_LOAD; j++) acc[i][j] =
            vf_fma(acc[i][j], half, one);
    return sum_of(acc);
}

/* The exponential of a softmax, 2^(x c), of numbers that stay in L1: independent of each other. */
static float exp_f32(const float *from, size_t count)
{
    const vf c = vf_set1(1.44269504f), lo = vf_set1(-76.0f); /* 2^-110, as in the kernels */
    vf sum[STREAMS];

    UNROLL for (int i = 0; i < STREAMS; i++) sum[i] = vf_zero();
    for (const float *p = from; p < from + count; p += STREAMS * VF_LANES)
        UNROLL for (int i = 0; i < STREAMS; i++) sum[i] =
            vf_add(sum[i], vf_exp2_scaled(vf_load(p + i * VF_LANES), c, lo));
    UNROLL for (int i = 1; i < STREAMS; i++) sum[0] = vf_add(sum[0], sum[i]);
    return vf_reduce_add(sum[0]);
}

#include "unit_types.h"

#ifdef CEILING_MATRIX
#include CEILING_MATRIX
#else
enum { MATRIX_FLOP = 0 };
static float (*const matrix)(size_t) = NULL;
#endif

static float copy_f32(float *to, const float *from, size_t count)
{
    for (size_t k = 0; k < count; k += STREAMS * VF_LANES)
        UNROLL for (int i = 0; i < STREAMS; i++)
            vf_store(to + k + i * VF_LANES, vf_load(from + k + i * VF_LANES));
    return to[0];
}

#define NAME_(isa) ceiling_unit_##isa
#define NAME(isa) NAME_(isa)
#define TEXT_(isa) #isa
#define TEXT(isa) TEXT_(isa)

extern const struct ceiling_unit NAME(CEILING_ISA);
const struct ceiling_unit NAME(CEILING_ISA) = {
    .isa = TEXT(CEILING_ISA),
    .flop = 2.0 * LOADS * PER_LOAD * VF_LANES,
    .step = STREAMS * VF_LANES,
    .matrix_flop = MATRIX_FLOP,
    .fma = fma_f32,
    .loads = {loads_f32, loads_f16, loads_bf16, loads_i8, loads_f8},
    .matrix = matrix,
    .exp = exp_f32,
    .read = {read_f32, read_f16, read_bf16, read_i8, read_f8},
    .copy = copy_f32,
};
