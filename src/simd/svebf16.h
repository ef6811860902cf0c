/* SPDX-License-Identifier: MIT */
/*
 * simd/svebf16.h - the vocabulary of sve.h, and BFMMLA's for matrices of bf16.
 *
 * For the length that simd/sve256bf16.h or sve512bf16.h names: two rows of A for two or four
 * pairs of columns of B at a time.
 */
#ifndef HEED_SIMD_SVEBF16_H
#define HEED_SIMD_SVEBF16_H

#include "sve.h"

#include "kernels/compiler.h"

typedef svuint16_t vm_numbers __attribute__((arm_sve_vector_bits(__ARM_FEATURE_SVE_BITS)));

#define ALL svptrue_b16()

// clang-format off
static inline vm_numbers vm_load(const uint16_t *p) { return svld1_u16(ALL, p); }
static inline vm_numbers vm_repeat(const uint16_t *p) { return svld1rq_u16(ALL, p); }
static inline void vm_store(uint16_t *p, vm_numbers a) { svst1_u16(ALL, p, a); }
static inline vm_numbers vm_zip_low(vm_numbers a, vm_numbers b) { return svzip1_u16(a, b); }
static inline vm_numbers vm_zip_high(vm_numbers a, vm_numbers b) { return svzip2_u16(a, b); }
// clang-format on

#undef ALL

/* In every 128 bits: acc[2 i + j] += sum of a[4 i + n] b[4 j + n]. */
static inline vf vm_step(vf acc, vm_numbers a, vm_numbers b)
{
    return svbfmmla_f32(acc, svreinterpret_bf16_u16(a), svreinterpret_bf16_u16(b));
}

/* A row of a block is a pair of floats, and those of two vectors are a vector. */
static inline void vm_rows_of_blocks(vf *first, vf *second)
{
    const svfloat64_t a = svreinterpret_f64_f32(*first), b = svreinterpret_f64_f32(*second);

    *first = svreinterpret_f32_f64(svuzp1_f64(a, b));
    *second = svreinterpret_f32_f64(svuzp2_f64(a, b));
}

static inline void vm_blocks_of_rows(vf *first, vf *second)
{
    const svfloat64_t a = svreinterpret_f64_f32(*first), b = svreinterpret_f64_f32(*second);

    *first = svreinterpret_f32_f64(svzip1_f64(a, b));
    *second = svreinterpret_f32_f64(svzip2_f64(a, b));
}

/* A store for each four, of the lanes that hold it, whose first is number 2 i of p. */
static inline void vm_store_fours(uint16_t *p, vf x)
{
    const svuint32_t halves = svlsr_n_u32_x(svptrue_b32(), svreinterpret_u32_f32(x), 16);

    UNROLL for (uint64_t i = 0; i < VF_LANES; i += 4)
    {
        const svbool_t end = svwhilelt_b32_u64(0, i + 4), begin = svwhilelt_b32_u64(0, i);

        svst1h_u32(svbic_b_z(end, end, begin), p + i, halves);
    }
}

#include "bfmmla.h"
#endif
