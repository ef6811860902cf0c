/* SPDX-License-Identifier: MIT */
/* simd/sve256.h - the vocabulary on 8 lanes of SVE, where its registers have 256 bits. */
#define VF_LANES 8

#include "sve.h"
