/* SPDX-License-Identifier: MIT */
/* sve512.c - the kernels of this instruction set. */
#define HEED_ISA_NAME sve512
#define HEED_ISA_NEEDS HEED_CPU_SVE512

#include "simd/sve512.h"

#include "kernels/table.h"
