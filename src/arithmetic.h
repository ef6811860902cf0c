/* SPDX-License-Identifier: MIT */
/*
 * arithmetic.h - every file of the library includes this before any function: IEEE arithmetic,
 * operation by operation, and the layout of the ABI, whatever the flags.
 *
 * CMake puts flags for that behind those of a parent (cmake/HeedFlags.cmake).  Here is what holds
 * without CMake: pragmas turn off what they can, and the rest is refused.  What neither can see is
 * clang's -ffp-contract=fast, which overrides the pragma and sets no macro.
 */
#ifndef HEED_ARITHMETIC_H
#define HEED_ARITHMETIC_H

#include <stddef.h>

/* Read before the pragma, which takes some of these macros back. */
#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ + 0 == 1) ||  \
    defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) || defined(__NO_SIGNED_ZEROS__)
#error "heed: compile without -ffast-math, -Ofast and their parts, or with -fno-fast-math behind"
#elif defined(__x86_64__) && defined(__FLT_EVAL_METHOD__) &&                                       \
    (__FLT_EVAL_METHOD__ < 0 || __FLT_EVAL_METHOD__ == 2)
#error "heed: compile with -mfpmath=sse, for x87 rounds twice"
#endif

/* a b + c is fused where the code says so and nowhere else; sums keep their order. */
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wignored-pragmas" /* some targets have no float_control */
#pragma float_control(precise, on)
#pragma clang diagnostic pop
#pragma clang fp reassociate(off)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off", "no-associative-math", "no-reciprocal-math",               \
                     "signed-zeros", "trapping-math")
#endif

struct heed_layout {
    char first;
    max_align_t aligned;
};
_Static_assert(offsetof(struct heed_layout, aligned) == _Alignof(max_align_t),
               "heed: compile without -fpack-struct");
_Static_assert(sizeof(1.0) == sizeof(double), "heed: compile without -fsingle-precision-constant");

#endif
