/* SPDX-License-Identifier: MIT */
/* avx512.c - the kernels of this instruction set. */
#define HEED_ISA_NAME avx512
#define HEED_ISA_NEEDS HEED_CPU_AVX512

#include "simd/avx512.h"

#include "kernels/table.h"
