/* SPDX-License-Identifier: MIT */
/*
 * rounding.h - kernels compute in round-to-nearest whatever the caller's mode.
 *
 * The range reductions of exp round by adding and removing a large number, and a
 * directed mode would take them out of their polynomial's range (error 1e-4).  So
 * a caller in such a mode gets it back after the call; others pay one addition.
 */
#ifndef HEED_ROUNDING_H
#define HEED_ROUNDING_H

#include <fenv.h>

/* Returns what heed_rounding_end() restores; negative: nothing to do. */
static inline int heed_rounding_begin(void)
{
    const volatile float one = 1.0f, tiny = 0x1p-30f;
    int mode = -1;

    /* Nearest alone takes both of these back to 1. */
    if (one + tiny != 1.0f || one - tiny != 1.0f) {
        mode = fegetround();
        fesetround(FE_TONEAREST);
    }
    return mode;
}

static inline void heed_rounding_end(int mode)
{
    if (mode >= 0)
        fesetround(mode);
}

#endif
