/* SPDX-License-Identifier: MIT */
/*
 * unseen.h - copies of a call's operands in memory where what no query row sees by its position
 * cannot be read: rows of keys and values, scales, numbers of pages, masks and biases.
 */
#ifndef HEED_CHECKS_UNSEEN_H
#define HEED_CHECKS_UNSEEN_H

#include "trial.h"

/*
 * Which rows of k and v may be read, [batch][kv_head][row] of the tensors (pages, where there
 * are some): some query row sees them by position, and `blocks` does not hide them from all.
 */
struct readable {
    struct shape shape; /* dim 1 */
    bool *row;          /* to be freed */
};
struct readable readable_rows(const heed_attention_args *a, struct shape k);
/* Whether row j of the sequence, as a KV head has it, is among them. */
bool may_read(const heed_attention_args *a, size_t b, size_t kv_head, size_t j);

/* The tensor with pages between rows or without, only these rows of it. */
heed_input unseen_rows(struct trial *trial, const struct tensor *tensor,
                       const struct readable *rows);
/* The page table, in which pages without a row that may be read have no number. */
void unseen_pages(struct trial *trial, heed_attention_args *a);

/* The keys packed, instead of k; or keys and values in a cache, up to the lengths of the call. */
bool unseen_packed_k(struct trial *trial, heed_attention_args *a);
bool unseen_cache(struct trial *trial, heed_attention_args *a, const struct tensor *k,
                  const struct tensor *v);

/* Biases and masks of a call, of which only pairs of rows and keys that see each other are read. */
void unseen_scores(struct trial *trial, const heed_attention_args *a, heed_score_view *bias,
                   heed_score_view *visible, heed_score_view *blocks);

/* Compares results of two calls number by number: zeros of either sign are the same. */
bool unseen_same(struct trial *trial, const char *name, const struct tensor *want,
                 const struct tensor *got);

#endif
