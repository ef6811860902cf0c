/* SPDX-License-Identifier: MIT */
/* types.h - problems whose operands are of several types. */
#ifndef HEED_CHECKS_TYPES_H
#define HEED_CHECKS_TYPES_H

#include "trial.h"

/* The type of an operand: f32 in every other problem, any of them in the rest. */
heed_dtype problem_dtype(struct trial *trial);

/* dtype_write(), also of what rounds to an infinity; into an element of a tensor. */
void tensor_set(const struct tensor *tensor, size_t b, size_t h, size_t r, size_t d, float x);

/*
 * Results of f32 as they are after their rounding to a type: infinite where that has
 * no such numbers.  Where bounds leave it open, any number will do, or an infinity.
 */
void overflow_to(heed_dtype type, struct bounded *want, size_t count);

#endif
