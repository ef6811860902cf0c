/* SPDX-License-Identifier: MIT */
/* head.h - attention of one head over dense matrices whose elements carry errors. */
#ifndef HEED_CHECKS_HEAD_H
#define HEED_CHECKS_HEAD_H

#include "seen.h"

/* Roundings beside a chain: the scale, its own two, log2 e or a bias. */
enum { FEW_ROUNDS = 4 };

/*
 * Where a matrix unit multiplies bf16, products are exact.  BFMMLA adds them in pairs, the
 * sums to a chain, each rounded to odd, as bad as two roundings: n + 3 in all where n is odd.
 * TDPBF16PS has two chains for each 32 products, a sum of both and one with what was
 * before: fewer.  VDPBF16PS has one chain of n.
 */
enum { UNIT_ROUNDS = 3 };
/* And weights become bf16 (IEEE 754's rule with 8 bits), of which the sum is taken as well. */
#define UNIT_WEIGHT_ROUNDOFF 0x1p-8
/*
 * With parts, up to five more products are added up before the largest.  They are 2^-9 of it,
 * two of them, or less, so their roundings are fewer than n / 64 of its own; what is missing,
 * 2^-26, is one more.  Of BFMMLA, whose sums are added to what was before, these are too.
 */
#define UNIT_SMALL_PARTS 64
/* HEED_PRECISION_FAST: three products are missing, each at most 2^-18 of the whole. */
#define UNIT_FAST_ROUNDOFF 0x1p-16

struct head {
    const struct bounded *q, *k, *v; /* [row][dim] */
    size_t q_rows, kv_rows, qk_dim, v_dim;
    double scale;
    bool unit;                        /* multiplied by a matrix unit of bf16 */
    bool rounded;                     /* so are weights, to bf16 */
    bool fast;                        /* and HEED_PRECISION_FAST asked for */
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
