/* SPDX-License-Identifier: MIT */
/* head.h - attention of one head over dense matrices whose elements carry errors. */
#ifndef HEED_CHECKS_HEAD_H
#define HEED_CHECKS_HEAD_H

#include "seen.h"

/* Roundings beside a chain: the scale, its own two, log2 e or a bias. */
enum { FEW_ROUNDS = 4 };

struct head {
    const struct bounded *q, *k, *v; /* [row][dim] */
    size_t q_rows, kv_rows, qk_dim, v_dim;
    double scale;
    const heed_attention_args *rules; /* masks and what else happens to scores ... */
    size_t b, h;                      /* ... in this batch and head */
};

double head_scale(float scale, size_t qk_dim);

/* The scores of row r against the first `keys` keys. */
void head_scores(const struct head *head, size_t r, size_t keys, struct bounded *scores);
/* o[q_rows][v_dim] and, unless NULL, lse[q_rows]. */
void head_attention(const struct head *head, struct bounded *o, struct bounded *lse);

/*
 * What is shown of the scores, [q_rows][columns]: of all keys that stand in memory; the
 * columns after those are of none.
 */
void head_shown(const struct head *head, size_t columns, struct bounded *scores);

#endif
