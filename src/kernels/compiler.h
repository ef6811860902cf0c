/* SPDX-License-Identifier: MIT */
/* compiler.h - what kernels ask of a compiler: loops that are gone, functions that are, too. */
#ifndef HEED_KERNELS_COMPILER_H
#define HEED_KERNELS_COMPILER_H

/*
 * The tiles only stay in registers if the loops and functions over them are gone.  Not so under
 * sanitizers: gcc took 150 s and 1 GB for the checks in all those copies of avx2.c, where it takes
 * 21 s without, and clang 55 s where it takes 14 s.  gcc has no macro for some of them: CMake
 * looks at the flags.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HEED_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define HEED_SANITIZED 1
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
#if defined(HEED_SANITIZED)
#define INLINE static inline
#define APART static
#elif defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#define APART static __attribute__((noinline))
#else
#define INLINE static inline
#define APART static
#endif

#endif
