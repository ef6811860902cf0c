/* SPDX-License-Identifier: MIT */
/* scaled.h - keys and values of any type, and the scales of those of 8 bits. */
#ifndef HEED_CHECKS_SCALED_H
#define HEED_CHECKS_SCALED_H

#include "trial.h"

/* A type for keys or values, and whether they have scales: i8 always, f8 now and then. */
heed_dtype scaled_dtype(struct trial *trial);
bool scaled_has_scales(struct trial *trial, heed_dtype type);

/*
 * Numbers of whatever the type holds, and scales that take them to [-range, range], some
 * of them 0 or negative; numbers without scales are in that range themselves.
 */
void scaled_fill(struct random *random, const struct tensor *numbers, const struct tensor *scales,
                 float range);

/* Rows of numbers with their scales, or NULL where they have none. */
struct scaled {
    struct tensor *numbers, *scales;
};

/* An input that lives until the trial ends. */
struct scaled scaled_input(struct trial *trial, heed_dtype type, struct shape shape, float range);

/* Makes some of its elements NaN or, where `with` is that and the type has it, infinite. */
void scaled_poison(struct trial *trial, const struct scaled *rows, float with);

/* The view of the scales, or none. */
heed_input scaled_view(const struct tensor *scales);

#endif
