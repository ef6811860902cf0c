/* SPDX-License-Identifier: MIT */
/* ceilings/unit.h - the loops that show what one instruction set of a CPU can do at most. */
#ifndef HEED_BENCH_CEILINGS_UNIT_H
#define HEED_BENCH_CEILINGS_UNIT_H

#include <stddef.h>

struct ceiling_unit {
    const char *isa;
    double flop; /* of one round of fma and of fma_loads */
    size_t step; /* exp, read and copy take multiples of this many floats */
    /* Each returns a number so that its work is not optimised away. */
    float (*fma)(size_t rounds);
    float (*fma_loads)(size_t rounds);
    float (*exp)(const float *from, size_t count);
    float (*read)(const float *from, size_t count);
    float (*copy)(float *to, const float *from, size_t count);
};

/* NULL: not compiled in. */
const struct ceiling_unit *ceiling_unit_find(const char *isa);

#endif
