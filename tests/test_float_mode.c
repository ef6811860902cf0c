/* SPDX-License-Identifier: MIT */
/*
 * test_float_mode.c - the caller's floating-point mode stays as it is, and results
 * stay within their bounds in it.
 */
#include <fenv.h>
#include <string.h>

#include "checks.h"
#include "isa_test.h"
#include "samples.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
enum { FLUSH_MODES = 0x8040, MODES = 0xffc0 }; /* FTZ and DAZ; all but the sticky flags */
static unsigned float_mode(void)
{
    return _mm_getcsr() & MODES;
}
#else
static unsigned float_mode(void)
{
    return (unsigned)fegetround();
}
#endif

/* To nearest is that of all other tests. */
static const int directions[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};

/* Of several pages, so that the plan's larger paths run too. */
static void run_checks(const heed_isa *isa, const char *mode)
{
    const unsigned before = float_mode();
    char detail[1024] = "";

    for (size_t i = 0; check_at(i); i++) {
        cr_expect(check_at(i)->run(isa, 2, detail, sizeof detail), "%s, %s on %s, %s", mode,
                  check_at(i)->operation, heed_isa_name(isa), detail);
        cr_assert_eq(float_mode(), before, "%s, %s on %s changed the mode", mode,
                     check_at(i)->operation, heed_isa_name(isa));
    }
}

ISA_TEST(float_mode, rounding_direction)
{
    for (size_t i = 0; i < sizeof directions / sizeof *directions; i++) {
        fesetround(directions[i]);
        run_checks(isa, "rounding");
        fesetround(FE_TONEAREST);
    }
}

#if defined(__x86_64__)
ISA_TEST(float_mode, denormals_flushed)
{
    _mm_setcsr(_mm_getcsr() | FLUSH_MODES);
    run_checks(isa, "flushing");
}
#endif

/* Refused calls leave it alone as well. */
ISA_TEST(float_mode, refusals)
{
    for (size_t i = 0; operation_at(i); i++) {
        union sample sample = sample_of(operation_at(i), isa);

        fesetround(FE_DOWNWARD);
        const unsigned before = float_mode();
        sample.struct_size = 1;
        cr_expect_eq(operation_at(i)->call(&sample), HEED_INVALID_ARGUMENT);
        cr_expect_eq(float_mode(), before, "%s", operation_at(i)->name);
        fesetround(FE_TONEAREST);
    }
}
