/* SPDX-License-Identifier: MIT */
/* scalar.c - the kernels of this instruction set. */
#define HEED_ISA_NAME scalar
#define HEED_ISA_NEEDS 0

#include "simd/scalar.h"

#include "kernels/table.h"
