/* SPDX-License-Identifier: MIT */
/* ceilings/matrix_avx512bf16.h - part of unit.c: VDPBF16PS, a pair of products for 16 sums. */
#ifndef HEED_BENCH_CEILINGS_MATRIX_AVX512BF16_H
#define HEED_BENCH_CEILINGS_MATRIX_AVX512BF16_H

enum { STEP_FLOP = 2 * 2 * 16 };

struct operands {
    vf a, b;
};

static struct operands load_operands(uint16_t number)
{
    uint16_t numbers[32];

    for (int i = 0; i < 32; i++)
        numbers[i] = number;
    return (struct operands){vm_load_dwords(numbers), vm_load_dwords(numbers)};
}

#include "matrix_steps.h"

#endif
