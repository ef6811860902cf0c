/* SPDX-License-Identifier: MIT */
/* simd/sve512.h - the vocabulary on 16 lanes of SVE, where its registers have 512 bits. */
#define VF_LANES 16

#include "sve.h"
