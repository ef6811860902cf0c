/* SPDX-License-Identifier: MIT */
/* neon32.c - the kernels of this instruction set. */
#define HEED_ISA_NAME neon32
#define HEED_ISA_NEEDS HEED_CPU_NEON32

#include "simd/neon32.h"

#include "kernels/table.h"
