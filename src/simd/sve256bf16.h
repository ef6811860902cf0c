/* SPDX-License-Identifier: MIT */
/* simd/sve256bf16.h - the vocabulary of simd/sve256.h, and BFMMLA's for matrices of bf16. */
#define VF_LANES 8

#include "svebf16.h"
