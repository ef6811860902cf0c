/* SPDX-License-Identifier: MIT */
/* sve256.c - the kernels of this instruction set. */
#define HEED_ISA_NAME sve256
#define HEED_ISA_NEEDS HEED_CPU_SVE256

#include "simd/sve256.h"

#include "kernels/table.h"
