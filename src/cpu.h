/* SPDX-License-Identifier: MIT */
/* cpu.h - what this CPU and its operating system let us use. */
#ifndef HEED_CPU_H
#define HEED_CPU_H

#include "arithmetic.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Clusters, not single CPUID flags: one bit for each set of kernels that may be built. */
enum {
    HEED_CPU_KNOWN = 1 << 0, /* detection has run */
    HEED_CPU_SSE2 = 1 << 1,
    HEED_CPU_AVX2 = 1 << 2,   /* with FMA and F16C */
    HEED_CPU_AVX512 = 1 << 3, /* F, BW, DQ and VL */
    HEED_CPU_AVX512BF16 = 1 << 4,
    HEED_CPU_AMX = 1 << 5,     /* tiles, and their products of bf16 */
    HEED_CPU_NEON = 1 << 8,    /* AArch64 */
    HEED_CPU_NEON32 = 1 << 9,  /* ARMv7 */
    HEED_CPU_SVE256 = 1 << 10, /* registers of just this length, not more */
    HEED_CPU_SVE512 = 1 << 11,
    HEED_CPU_NEONBF16 = 1 << 12,
    HEED_CPU_SVEBF16 = 1 << 13,
};

/* Detected once; any thread may call. */
uint32_t heed_cpu_features(void);

/* Whether this CPU should run these kernels unasked, where it can: see cpu_choice.h. */
bool heed_cpu_prefers_here(const char *isa);

/* Bytes of the second cache, likewise; 0: unknown. */
size_t heed_cpu_l2(void);

#endif
