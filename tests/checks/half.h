/* SPDX-License-Identifier: MIT */
/* half.h - the shorter types by their definition: sign, exponent, significand, or an integer. */
#ifndef HEED_CHECKS_HALF_H
#define HEED_CHECKS_HALF_H

#include <stddef.h>
#include <stdint.h>

#include <heed/heed.h>

size_t dtype_size(heed_dtype type);
/* Relative distance from a number to its rounding, and absolute where that is denormal or i8. */
double dtype_roundoff(heed_dtype type);
double dtype_smallest(heed_dtype type);

/*
 * A number of any of these types in memory, exactly, of 8 bits without a scale; and the
 * nearest one to x put there, which is the largest for what is past that of i8 or f8.
 */
double dtype_read(heed_dtype type, const void *from);
void dtype_write(heed_dtype type, void *to, double x);

#endif
