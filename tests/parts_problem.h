/* SPDX-License-Identifier: MIT */
/* parts_problem.h - attention of any types that a matrix unit may multiply, and without one. */
#ifndef HEED_TESTS_PARTS_PROBLEM_H
#define HEED_TESTS_PARTS_PROBLEM_H

#include <stdbool.h>

#include <heed/heed.h>

/* A tile of rows and some, five blocks of keys, dims that fill no step of depth. */
enum {
    PARTS_ROWS = 19,
    PARTS_KEYS = 300,
    PARTS_DIM = 72,
    PARTS_INPUT = PARTS_KEYS * PARTS_DIM,
    PARTS_OUTPUT = PARTS_ROWS * PARTS_DIM
};

/* Of keys and values; queries are of the first three. */
extern const heed_dtype parts_types[5];

/* Room for numbers of any type; the scales are used by those of 8 bits. */
extern float parts_q[PARTS_OUTPUT], parts_k[PARTS_INPUT], parts_v[PARTS_INPUT];
extern float parts_k_scales[PARTS_KEYS], parts_v_scales[PARTS_KEYS];
extern float parts_o[PARTS_OUTPUT], parts_other[PARTS_OUTPUT];

/* Queries of up to `spread`, keys and values of up to 1; into parts_o. */
heed_attention_args parts_problem(const heed_isa *isa, heed_dtype q_type, heed_dtype kv_type,
                                  float spread);

/* Whether a matrix unit multiplies it. */
bool parts_taken(const heed_attention_args *a);

/* The same by the instruction set that has the FMAs and no unit, into parts_other. */
void parts_attend_plainly(heed_attention_args a);

#endif
