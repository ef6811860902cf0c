/* SPDX-License-Identifier: MIT */
/* avx512bf16.c - the kernels of this instruction set. */
#define HEED_ISA_NAME avx512bf16
#define HEED_ISA_NEEDS (HEED_CPU_AVX512 | HEED_CPU_AVX512BF16)

#include "simd/avx512bf16.h"

#include "kernels/table.h"
