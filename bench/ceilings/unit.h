/* SPDX-License-Identifier: MIT */
/* ceilings/unit.h - the loops that show what one instruction set of a CPU can do at most. */
#ifndef HEED_BENCH_CEILINGS_UNIT_H
#define HEED_BENCH_CEILINGS_UNIT_H

#include <stddef.h>

#include <heed/heed.h>

enum { CEILING_TYPES = HEED_F8 + 1 }; /* loops by type stand in arrays, at its heed_dtype */

struct ceiling_unit {
    const char *isa;
    double flop;        /* of one round of fma and of loads */
    double matrix_flop; /* of one round of matrix */
    size_t step;        /* exp, read and copy take multiples of this many numbers */
    /* Each returns a number so that its work is not optimised away; tests know what it has to be.
     */
    float (*fma)(size_t rounds);
    float (*loads[CEILING_TYPES])(size_t rounds); /* FMAs with operands that are widened */
    float (*matrix)(size_t rounds);               /* NULL: no matrix unit */
    float (*exp)(const float *from, size_t count);
    float (*read[CEILING_TYPES])(const void *from, size_t count); /* widens what it reads */
    float (*copy)(float *to, const float *from, size_t count);
};

/* NULL: not compiled in. */
const struct ceiling_unit *ceiling_unit_find(const char *isa);

#endif
