/* SPDX-License-Identifier: MIT */
/* head.h - attention of one head over dense matrices whose elements carry errors. */
#ifndef HEED_CHECKS_HEAD_H
#define HEED_CHECKS_HEAD_H

#include "bounds.h"

/* Roundings beside a chain: the scale, its own two, log2 e or a bias. */
enum { FEW_ROUNDS = 4 };

struct head {
    const struct bounded *q, *k, *v; /* [row][dim] */
    size_t q_rows, kv_rows, qk_dim, v_dim;
    double scale;
    ptrdiff_t first_limit, limit_step; /* row r sees the keys before first_limit + limit_step r */
};

double head_scale(float scale, size_t qk_dim);
void head_mask(struct head *head, heed_mask mask, ptrdiff_t q_position);

/* The scores of row r against the first `keys` keys. */
void head_scores(const struct head *head, size_t r, size_t keys, struct bounded *scores);
/* o[q_rows][v_dim] and, unless NULL, lse[q_rows]. */
void head_attention(const struct head *head, struct bounded *o, struct bounded *lse);

#endif
