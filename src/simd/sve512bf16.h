/* SPDX-License-Identifier: MIT */
/* simd/sve512bf16.h - the vocabulary of simd/sve512.h, and BFMMLA's for matrices of bf16. */
#define VF_LANES 16

#include "svebf16.h"
