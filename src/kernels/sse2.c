/* SPDX-License-Identifier: MIT */
/* sse2.c - the kernels of this instruction set. */
#define HEED_ISA_NAME sse2
#define HEED_ISA_NEEDS HEED_CPU_SSE2

#include "simd/sse2.h"

#include "kernels/table.h"
