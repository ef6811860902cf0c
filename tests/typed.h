/* SPDX-License-Identifier: MIT */
/* typed.h - every operation with operands of types to choose from. */
#ifndef HEED_TESTS_TYPED_H
#define HEED_TESTS_TYPED_H

#include <heed/heed.h>

enum { TYPED_PART = 32768, TYPED_COUNT = 4 * TYPED_PART, TYPED_KEYS = 75, TYPED_DIM = 150 };

/* The same numbers twice, for inputs; results in memory for the widest type. */
extern float typed_wide[TYPED_COUNT];
extern uint16_t typed_halves[TYPED_COUNT];
extern unsigned char typed_result[TYPED_PART * sizeof(float)];

/* The types of what calls read and write: f32, or that of the halves. */
extern heed_dtype typed_in, typed_out;

struct typed_call {
    const char *name;
    heed_status (*run)(const heed_isa *isa);
    size_t count; /* of its results */
};

const struct typed_call *typed_call_at(size_t i); /* NULL past the end */

/* Numbers of one of four parts. */
heed_input typed_input(size_t part);

/* With operands dense and in these places. */
heed_rows_args typed_rows(const heed_isa *isa);
heed_rope_args typed_rope(const heed_isa *isa);

#endif
