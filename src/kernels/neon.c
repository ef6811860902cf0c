/* SPDX-License-Identifier: MIT */
/* neon.c - the kernels of this instruction set. */
#define HEED_ISA_NAME neon
#define HEED_ISA_NEEDS HEED_CPU_NEON

#include "simd/neon.h"

#include "kernels/table.h"
