/* SPDX-License-Identifier: MIT */
/* rope.h - a checked call of heed_rope(). */
#ifndef HEED_ROPE_H
#define HEED_ROPE_H

#include "args.h"

enum {
    HEED_ROPE_X,
    HEED_ROPE_Y,
    HEED_ROPE_COS,
    HEED_ROPE_SIN,
    HEED_ROPE_POSITIONS,
    HEED_ROPE_OPERANDS
};

struct heed_rope_job {
    heed_rope_args args;
    struct heed_operand operand[HEED_ROPE_OPERANDS];
    const struct heed_isa *isa;
    size_t rotary_dim, task_rows;
    double theta;
};

/* Copies the arguments and resolves them, or refuses. */
bool heed_rope_prepare(struct heed_check *check, struct heed_rope_job *job,
                       const heed_rope_args *args);

static inline int64_t heed_rope_position(const heed_rope_args *a, size_t batch, size_t row)
{
    return a->positions
               ? a->positions[(ptrdiff_t)batch * a->positions_batch_stride + (ptrdiff_t)row]
               : a->first_position + (int64_t)row;
}

#endif
