/* SPDX-License-Identifier: MIT */
/* gradients.h - gradients of one head, over dense matrices whose elements carry errors. */
#ifndef HEED_CHECKS_GRADIENTS_H
#define HEED_CHECKS_GRADIENTS_H

#include "bounds.h"

/* One query head and its keys, and what attention made of them. */
struct backward_head {
    const struct bounded *q, *k, *v;     /* [row][dim] */
    const struct bounded *o, *d_o, *lse; /* [row][dim]; lse [row] */
    size_t q_rows, kv_rows, qk_dim, v_dim;
    size_t group; /* heads whose gradients of k and v are added up */
    double scale;
    heed_mask mask;
    ptrdiff_t q_position;
};

struct gradients {
    struct bounded *d_q, *d_k, *d_v;
};

/* Sets d_q and adds to d_k and d_v, values and errors. */
void backward_head(const struct backward_head *head, const struct gradients *to);

#endif
