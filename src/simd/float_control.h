/* SPDX-License-Identifier: MIT */
/*
 * simd/float_control.h - the registers that say how a thread computes with floats, and which
 * exceptions it met.
 *
 * Plain means to nearest, and no exception traps.  All words cost little where they change
 * nothing but flags.
 */
#ifndef HEED_SIMD_FLOAT_CONTROL_H
#define HEED_SIMD_FLOAT_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <xmmintrin.h>

/* Only libm of mingw-w64 still computes in the x87 unit, which has a state of its own. */
#if defined(__MINGW32__)
#include "float_control_x87.h"
#else
struct x87_control {
    char nothing;
};

static inline struct x87_control x87_control_read(void)
{
    return (struct x87_control){0};
}

static inline bool x87_control_is_plain(const struct x87_control *c)
{
    (void)c;
    return true;
}

static inline void x87_control_make_plain(const struct x87_control *c)
{
    (void)c;
}

static inline void x87_control_restore(const struct x87_control *c)
{
    (void)c;
}
#endif

struct float_control {
    unsigned mxcsr;
    struct x87_control x87;
};

enum { MXCSR_MASKED = 0x1f80, MXCSR_ROUNDING = 0x6000 };

static inline struct float_control float_control_read(void)
{
    return (struct float_control){_mm_getcsr(), x87_control_read()};
}

static inline bool float_control_is_plain(const struct float_control *c)
{
    return (c->mxcsr & (MXCSR_MASKED | MXCSR_ROUNDING)) == MXCSR_MASKED &&
           x87_control_is_plain(&c->x87);
}

static inline void float_control_make_plain(const struct float_control *c)
{
    _mm_setcsr((c->mxcsr | MXCSR_MASKED) & ~(unsigned)MXCSR_ROUNDING);
    x87_control_make_plain(&c->x87);
}

/* Not after a look at the flags: that waits for all that may raise one. */
static inline void float_control_restore(const struct float_control *c)
{
    _mm_setcsr(c->mxcsr);
    x87_control_restore(&c->x87);
}

#elif defined(__aarch64__) && defined(__GNUC__)

/* Modes and traps; flags. */
struct float_control {
    uint64_t fpcr, fpsr;
};

enum { FPCR_TRAPS = 0x9f00, FPCR_ROUNDING = 0xc00000 };

static inline struct float_control float_control_read(void)
{
    struct float_control c;

    __asm__ volatile("mrs %0, fpcr\n\tmrs %1, fpsr" : "=r"(c.fpcr), "=r"(c.fpsr));
    return c;
}

static inline bool float_control_is_plain(const struct float_control *c)
{
    return !(c->fpcr & (FPCR_TRAPS | FPCR_ROUNDING));
}

static inline void float_control_write_modes(uint64_t fpcr)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(fpcr));
}

static inline void float_control_make_plain(const struct float_control *c)
{
    float_control_write_modes(c->fpcr & ~(uint64_t)(FPCR_TRAPS | FPCR_ROUNDING));
}

/* Flags first, while none of them traps. */
static inline void float_control_restore(const struct float_control *c)
{
    __asm__ volatile("msr fpsr, %0" : : "r"(c->fpsr));
    if (!float_control_is_plain(c))
        float_control_write_modes(c->fpcr);
}

#else
#include <fenv.h>

struct float_control {
    fenv_t environment;
};

/* Nothing traps from here on. */
static inline struct float_control float_control_read(void)
{
    struct float_control c;

    feholdexcept(&c.environment);
    return c;
}

static inline bool float_control_is_plain(const struct float_control *c)
{
    (void)c;
    return fegetround() == FE_TONEAREST;
}

static inline void float_control_make_plain(const struct float_control *c)
{
    (void)c;
    fesetround(FE_TONEAREST);
}

static inline void float_control_restore(const struct float_control *c)
{
    fesetenv(&c->environment);
}

#endif
#endif
