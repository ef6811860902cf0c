/* SPDX-License-Identifier: MIT */
/* sve256bf16.c - the kernels of this instruction set. */
#define HEED_ISA_NAME sve256bf16
#define HEED_ISA_NEEDS (HEED_CPU_SVE256 | HEED_CPU_SVEBF16)

#include "simd/sve256bf16.h"

#include "kernels/table.h"
