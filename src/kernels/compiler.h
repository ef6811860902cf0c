/* SPDX-License-Identifier: MIT */
/* compiler.h - what kernels ask of a compiler: loops that are gone, functions that are, too. */
#ifndef HEED_KERNELS_COMPILER_H
#define HEED_KERNELS_COMPILER_H

/*
 * The tiles only stay in registers if the loops over them are gone.  Not so under
 * clang's sanitizers: clang 14 took over a minute for one file of unrolled, checked tiles.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define HEED_SANITIZED
#endif
#endif
#if defined(HEED_SANITIZED)
#define UNROLL
#define UNROLL_SOME
#elif defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#define UNROLL_SOME _Pragma("clang loop unroll_count(4)")
#elif defined(__GNUC__)
#define UNROLL _Pragma("GCC unroll 32")
#define UNROLL_SOME _Pragma("GCC unroll 4")
#else
#define UNROLL
#define UNROLL_SOME
#endif
#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#define APART static __attribute__((noinline))
#else
#define INLINE static inline
#define APART static
#endif

#endif
