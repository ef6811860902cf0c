/* SPDX-License-Identifier: MIT */
/*
 * simd/common.h - what every instruction set gets for free once it has the words.
 *
 * Included at the end of simd/<isa>.h.  First the fallbacks that an instruction
 * set replaces by defining HEED_HAVE_<NAME> and its own; then functions built on
 * the words alone, so that they are the same formula everywhere.
 */
#include <float.h>

/*
 * Whether the tiles load the number of the next row before they use that of this one.  A
 * core that issues in order waits for it otherwise (Cortex-A55 in the model of llvm-mca:
 * 46 to 67 % of its FMA rate, 60 to 84 % for the values); AVX2 loses 3 points by it.
 */
#ifndef LOADS_AHEAD
#define LOADS_AHEAD 0
#endif

/* How far a tile of scores unrolls its loop over dims, if that pays: AVX2 loses 3 %. */
#ifndef UNROLL_DIMS
#define UNROLL_DIMS
#endif

/*
 * How few rows fetch what comes next: 0 keys ahead of its use stands for a block ahead, into the
 * second cache, else so many keys ahead and into the first (ahead.h).
 */
#ifndef NEAR_KEYS
#define NEAR_KEYS 0
#endif

/* Up to so many rows take WIDE_VECS vectors of values at a time: those have to stay in registers.
 */
#ifndef WIDE_ROWS
#define WIDE_ROWS 1
#endif

/* Dims of keys of f32 that vf_load_few_across() takes at a time. */
#ifndef ACROSS_DIMS
#define ACROSS_DIMS VF_LANES
#endif

/* Whether vf_fma rounds once. */
#ifndef VF_FUSES
#define VF_FUSES 0
#endif

/*
 * a p[] + c of numbers that are aligned as vectors: where a product needs a register of
 * its own and few are left, for one operand in memory.
 */
#ifdef HEED_HAVE_FMA_FROM
#define FMA_FROM 1
#else
#define FMA_FROM 0
static inline vf vf_fma_from(vf a, const float *p, vf c)
{
    return vf_fma(a, vf_load(p), c);
}
#endif

/* Whether vf_fma_from() may read vectors at p, and `row` numbers further. */
static inline bool vf_aligned(const float *p, ptrdiff_t row)
{
    return !FMA_FROM || ((uintptr_t)p % sizeof(vf) == 0 && row % VF_LANES == 0);
}

/*
 * What uses *x from here on is computed after what was stored before, for the compiler.
 * Sums stored one by one as they are finished, rather than all at the end, make a
 * tile of 64 keys 4 % faster on Zen 3: its stores take slots of FMAs otherwise.
 */
#ifndef HEED_HAVE_IN_STEP
static inline void vf_in_step(vf *x)
{
    (void)x;
}
#endif

#ifndef HEED_HAVE_PARTIAL
static inline vf vf_load_n(const float *p, size_t n)
{
    float lane[VF_LANES] = {0};

    for (size_t i = 0; i < n; i++)
        lane[i] = p[i];
    return vf_load(lane);
}

static inline void vf_store_n(float *p, vf a, size_t n)
{
    float lane[VF_LANES];

    vf_store(lane, a);
    for (size_t i = 0; i < n; i++)
        p[i] = lane[i];
}
#endif

#ifndef HEED_HAVE_KEEP_FIRST
/* The first n <= VF_LANES lanes of a, the others of b. */
static inline vf vf_keep_first(vf a, size_t n, vf b)
{
    float lane[VF_LANES], other[VF_LANES];

    vf_store(lane, a);
    vf_store(other, b);
    for (size_t i = n; i < VF_LANES; i++)
        lane[i] = other[i];
    return vf_load(lane);
}
#endif

/*
 * Rows of up to VF_NARROW numbers, one behind the other, n numbers in all: columns[d] gets
 * number d of each, a lane for each row, 0 past the last.  Less than VF_LANES rows of whole
 * vectors need for a transpose.  VF_NARROW 0: there are no such words.
 */
#ifndef VF_NARROW
#define VF_NARROW 0
static inline void vf_load_narrow(const float *p, size_t n, size_t dim, vf *columns)
{
    (void)p, (void)n, (void)dim, (void)columns;
}

static inline void vf_store_narrow(float *p, size_t n, size_t dim, const vf *columns)
{
    (void)p, (void)n, (void)dim, (void)columns;
}
#endif

#ifndef HEED_HAVE_LOAD_ACROSS
/* r[i] gets number i of VF_LANES rows, which stand `row` apart: a lane for each of them. */
static inline void vf_load_across(const float *p, ptrdiff_t row, vf r[VF_LANES])
{
    for (ptrdiff_t j = 0; j < VF_LANES; j++)
        r[j] = vf_load(p + j * row);
    vf_transpose(r);
}
#endif

#ifndef HEED_HAVE_LOAD_FEW_ACROSS
/* The same of ACROSS_DIMS numbers of each row, which FMAs take while the next are loaded. */
static inline void vf_load_few_across(const float *p, ptrdiff_t row, vf r[ACROSS_DIMS])
{
    vf_load_across(p, row, r);
}
#endif

#ifndef HEED_HAVE_PAIRS
/* Of 2 VF_LANES numbers that stand in pairs, the first of each pair and the second. */
static inline void vf_load_pairs(const float *p, vf *first, vf *second)
{
    float lane[2][VF_LANES];

    for (size_t i = 0; i < VF_LANES; i++) {
        lane[0][i] = p[2 * i];
        lane[1][i] = p[2 * i + 1];
    }
    *first = vf_load(lane[0]);
    *second = vf_load(lane[1]);
}

static inline void vf_store_pairs(float *p, vf first, vf second)
{
    float lane[2][VF_LANES];

    vf_store(lane[0], first);
    vf_store(lane[1], second);
    for (size_t i = 0; i < VF_LANES; i++) {
        p[2 * i] = lane[0][i];
        p[2 * i + 1] = lane[1][i];
    }
}
#endif

#ifndef HEED_HAVE_MUL_GRADUAL
/* a b with denormal results, unless the caller's floating-point mode flushes them. */
static inline vf vf_mul_gradual(vf a, vf b)
{
    return vf_mul(a, b);
}
#endif

#ifndef HEED_HAVE_SCALE_NUMBER
/* vf_scale_by_magic() for a magic that is a number. */
static inline vf vf_scale_number(vf p, vf magic)
{
    return vf_scale_by_magic(p, magic);
}
#endif

#ifndef HEED_HAVE_SCALE_UNLESS_LT
/* p 2^whole, with whole = magic - VF_MAGIC; 0 where x < lo. */
static inline vf vf_scale_unless_lt(vf p, vf magic, vf whole, vf x, vf lo)
{
    (void)whole;
    return vf_zero_if_lt(vf_scale_by_magic(p, magic), x, lo);
}
#endif

#ifndef HEED_HAVE_SIZES_WITHIN
/* Is |x| at most `most` in every lane of n vectors?  NaN is not. */
static inline bool vf_sizes_within(const vf *x, int n, float most)
{
    bool within = true;

    for (int i = 0; i < n; i++)
        within = within && vf_all_within(x[i], vf_set1(-most), vf_set1(most));
    return within;
}
#endif

/* vf_load_n and vf_store_n for any n: past VF_LANES a whole vector. */
static inline vf vf_load_upto(const float *p, size_t n)
{
    return n >= VF_LANES ? vf_load(p) : vf_load_n(p, n);
}

static inline void vf_store_upto(float *p, vf a, size_t n)
{
    if (n >= VF_LANES)
        vf_store(p, a);
    else
        vf_store_n(p, a, n);
}

#include "common_half.h"

#include "common_byte.h"

#include "common_bits.h"

static inline bool vf_all_finite(vf a)
{
    return vf_all_within(a, vf_set1(-FLT_MAX), vf_set1(FLT_MAX));
}

#include "common_exp.h"
