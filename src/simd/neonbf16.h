/* SPDX-License-Identifier: MIT */
/* simd/neonbf16.h - the vocabulary of neon.h, and BFMMLA's for matrices of bf16. */
#ifndef HEED_SIMD_NEONBF16_H
#define HEED_SIMD_NEONBF16_H

#include "neon.h"

typedef uint16x8_t vm_numbers;

// clang-format off
static inline vm_numbers vm_load(const uint16_t *p) { return vld1q_u16(p); }
static inline vm_numbers vm_repeat(const uint16_t *p) { return vld1q_u16(p); }
static inline void vm_store(uint16_t *p, vm_numbers a) { vst1q_u16(p, a); }
static inline void vm_store_fours(uint16_t *p, vf x) { vf_store_bf16(p, x); }
static inline vm_numbers vm_zip_low(vm_numbers a, vm_numbers b) { return vzip1q_u16(a, b); }
static inline vm_numbers vm_zip_high(vm_numbers a, vm_numbers b) { return vzip2q_u16(a, b); }
// clang-format on

#if HEED_SIMD_EMULATED
#include "emulated_bfmmla.h"
#else
/* acc[2 i + j] += sum of a[4 i + n] b[4 j + n]. */
static inline vf vm_step(vf acc, vm_numbers a, vm_numbers b)
{
    return vbfmmlaq_f32(acc, vreinterpretq_bf16_u16(a), vreinterpretq_bf16_u16(b));
}
#endif

/* Of two numbers each, interleaving and its reverse are the same. */
static inline void vm_rows_of_blocks(vf *first, vf *second)
{
    const float64x2_t a = vreinterpretq_f64_f32(*first), b = vreinterpretq_f64_f32(*second);

    *first = vreinterpretq_f32_f64(vzip1q_f64(a, b));
    *second = vreinterpretq_f32_f64(vzip2q_f64(a, b));
}

static inline void vm_blocks_of_rows(vf *first, vf *second)
{
    vm_rows_of_blocks(first, second);
}

#include "bfmmla.h"
#endif
