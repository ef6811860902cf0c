/* SPDX-License-Identifier: MIT */
/* sve512bf16.c - the kernels of this instruction set. */
#define HEED_ISA_NAME sve512bf16
#define HEED_ISA_NEEDS (HEED_CPU_SVE512 | HEED_CPU_SVEBF16)

#include "simd/sve512bf16.h"

#include "kernels/table.h"
