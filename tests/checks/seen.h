/* SPDX-License-Identifier: MIT */
/* seen.h - what the arguments of attention say of single scores, straight from the public header.
 */
#ifndef HEED_CHECKS_SEEN_H
#define HEED_CHECKS_SEEN_H

#include "bounds.h"

/* Query rows and keys of a batch. */
size_t rows_of(const heed_attention_args *a, size_t b);
size_t keys_of(const heed_attention_args *a, size_t b);

/* Whether query row r sees key j by its position: mask, windows, chunk, prefix, lengths. */
bool seen_by_position(const heed_attention_args *a, size_t b, size_t r, size_t j);

/* Whether some query row of the batch does.  Of other keys nothing may be read. */
bool seen_by_some(const heed_attention_args *a, size_t b, size_t j);

/* Whether `blocks` has it that query row r of head h may see key j. */
bool block_is_visible(const heed_attention_args *a, size_t b, size_t h, size_t r, size_t j);

/* Whether query row r of head h sees key j. */
bool key_is_seen(const heed_attention_args *a, size_t b, size_t h, size_t r, size_t j);

/* The scaled score after cap, slope and bias. */
struct bounded score_by_rules(const heed_attention_args *a, size_t b, size_t h, size_t r, size_t j,
                              struct bounded score);

/* The derivative of the capped score by the scaled one: 1 without a cap. */
struct bounded slope_of_cap(const heed_attention_args *a, struct bounded score);

#endif
