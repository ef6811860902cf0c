/* SPDX-License-Identifier: MIT */
/*
 * ceilings/matrix_bfmmla.h - part of unit.c: BFMMLA, in every 128 bits of a vector four
 * products for each of 2 x 2 sums.
 */
#ifndef HEED_BENCH_CEILINGS_MATRIX_BFMMLA_H
#define HEED_BENCH_CEILINGS_MATRIX_BFMMLA_H

enum { STEP_FLOP = VF_LANES / 4 * (2 * 4 * 4) };

struct operands {
    vm_numbers a, b;
};

static struct operands load_operands(uint16_t number)
{
    uint16_t numbers[2 * VF_LANES];

    for (int i = 0; i < 2 * VF_LANES; i++)
        numbers[i] = number;
    return (struct operands){vm_load(numbers), vm_load(numbers)};
}

#include "matrix_steps.h"

#endif
