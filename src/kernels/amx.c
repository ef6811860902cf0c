/* SPDX-License-Identifier: MIT */
/* amx.c - the kernels of this instruction set. */
#define HEED_ISA_NAME amx
#define HEED_ISA_NEEDS (HEED_CPU_AVX512 | HEED_CPU_AMX)

#include "simd/amx.h"

#include "kernels/table.h"
