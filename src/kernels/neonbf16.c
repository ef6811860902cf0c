/* SPDX-License-Identifier: MIT */
/* neonbf16.c - the kernels of this instruction set. */
#define HEED_ISA_NAME neonbf16
#define HEED_ISA_NEEDS (HEED_CPU_NEON | HEED_CPU_NEONBF16)

#include "simd/neonbf16.h"

#include "kernels/table.h"
