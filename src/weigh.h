/* SPDX-License-Identifier: MIT */
/* weigh.h - o = w v + b over batches and heads: what weighted sums and linear share. */
#ifndef HEED_WEIGH_H
#define HEED_WEIGH_H

#include "args.h"

struct heed_weigh {
    const struct heed_operand *w, *v, *b, *o; /* checked; b may be NULL or without data */
    const struct heed_isa *isa;
    size_t group; /* heads of w and o per head of v */
};

void heed_weigh(const struct heed_weigh *job, const heed_parallel *parallel);

#endif
