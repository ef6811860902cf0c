/* SPDX-License-Identifier: MIT */
/* avx2.c - the kernels of this instruction set. */
#define HEED_ISA_NAME avx2
#define HEED_ISA_NEEDS HEED_CPU_AVX2

#include "simd/avx2.h"

#include "kernels/table.h"
