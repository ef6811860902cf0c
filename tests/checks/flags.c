/* SPDX-License-Identifier: MIT */
/* flags.c - flags by <fenv.h>; traps where the C library is glibc and the CPU has them. */
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "flags.h"

#include <fenv.h>

#if defined(__GLIBC__)
static bool trap(int exceptions)
{
    return feenableexcept(exceptions) != -1 && (fegetexcept() & exceptions) == exceptions;
}

static void trap_nothing(void)
{
    fedisableexcept(FE_ALL_EXCEPT);
}
#else
static bool trap(int exceptions)
{
    (void)exceptions;
    return false;
}

static void trap_nothing(void) {}
#endif

int flags_begin(enum flags_turn turn)
{
    feclearexcept(FE_ALL_EXCEPT);
    if (turn == FLAGS_RAISED)
        feraiseexcept(FE_ALL_EXCEPT);
    else if (turn == FLAGS_TRAP)
        trap(FE_ALL_EXCEPT);
    return fetestexcept(FE_ALL_EXCEPT);
}

int flags_end(void)
{
    const int flags = fetestexcept(FE_ALL_EXCEPT);

    feclearexcept(FE_ALL_EXCEPT);
    trap_nothing();
    return flags;
}

bool flags_can_trap(void)
{
    const bool can = trap(FE_ALL_EXCEPT);

    trap_nothing();
    return can;
}
