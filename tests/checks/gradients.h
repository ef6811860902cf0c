/* SPDX-License-Identifier: MIT */
/* gradients.h - gradients of one head, over dense matrices whose elements carry errors. */
#ifndef HEED_CHECKS_GRADIENTS_H
#define HEED_CHECKS_GRADIENTS_H

#include "seen.h"

/* One query head and its keys, and what attention made of them. */
struct backward_head {
    const struct bounded *q, *k, *v;     /* [row][dim] */
    const struct bounded *o, *d_o, *lse; /* [row][dim]; lse [row] */
    size_t q_rows, kv_rows, qk_dim, v_dim;
    size_t group; /* heads whose gradients of k and v are added up */
    double scale;
    const heed_attention_args *rules; /* masks and what else happens to scores ... */
    size_t b, h;                      /* ... in this batch and head */
};

struct gradients {
    struct bounded *d_q, *d_k, *d_v;
    struct bounded
        *d_scores; /* optional, of scores after the rules: [q_rows], d_scores_row apart */
    size_t d_scores_row;
    struct bounded *d_sink; /* optional */
};

/* Sets d_q and d_scores and adds to d_k, d_v and d_sink, values and errors. */
void backward_head(const struct backward_head *head, const struct gradients *to);

#endif
