/* SPDX-License-Identifier: MIT */
/* ceilings/matrix_neonbf16.h - part of unit.c: BFMMLA, four products for each of 2 x 2 sums. */
#ifndef HEED_BENCH_CEILINGS_MATRIX_NEONBF16_H
#define HEED_BENCH_CEILINGS_MATRIX_NEONBF16_H

enum { STEP_FLOP = 2 * 4 * 4 };

struct operands {
    uint16x8_t a, b;
};

static struct operands load_operands(uint16_t number)
{
    return (struct operands){vdupq_n_u16(number), vdupq_n_u16(number)};
}

#include "matrix_steps.h"

#endif
