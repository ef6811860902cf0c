/* SPDX-License-Identifier: MIT */
/* scaled_problem.h - keys and values of 8 bits with scales, for tests that spoil them. */
#ifndef HEED_TESTS_SCALED_PROBLEM_H
#define HEED_TESTS_SCALED_PROBLEM_H

#include <heed/heed.h>

/* Three blocks of keys, heads of 32 dims that no vector divides into leftovers, two heads. */
enum {
    SCALED_HEADS = 2,
    SCALED_ROWS = 7,
    SCALED_KEYS = 140,
    SCALED_DIM = 32,
    SCALED_INPUT = SCALED_HEADS * SCALED_KEYS * SCALED_DIM,
    SCALED_OUTPUT = SCALED_HEADS * SCALED_ROWS * SCALED_DIM
};

extern float scaled_q[SCALED_OUTPUT], scaled_o[SCALED_OUTPUT];
extern float scaled_lse[SCALED_HEADS * SCALED_ROWS];

/* Keys, then values: as they were, as they are stored, and the scale of each row. */
extern float scaled_numbers[2][SCALED_INPUT], scaled_scales[2][SCALED_HEADS * SCALED_KEYS];
extern int8_t scaled_codes[2][SCALED_INPUT];

/* The numbers of keys (0) or values (1) in `type`. */
heed_status scaled_quantize(const heed_isa *isa, int which, heed_dtype type);

/* Keys and values in [-1, 1) quantised to `type`; scores small, so that no weight vanishes. */
heed_attention_args scaled_problem(const heed_isa *isa, heed_dtype type);

#endif
