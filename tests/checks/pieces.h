/* SPDX-License-Identifier: MIT */
/* pieces.h - a piece of a problem: copied out of the whole, compared with it. */
#ifndef HEED_CHECKS_PIECES_H
#define HEED_CHECKS_PIECES_H

#include "trial.h"

/* Where a piece begins in the whole. */
struct origin {
    size_t b, h, r;
};

void copy_piece(const struct tensor *from, struct origin at, const struct tensor *to);
/* Byte by byte. */
bool same_piece(struct trial *trial, const char *name, const struct tensor *whole, struct origin at,
                const struct tensor *piece);

/* The rows of batches from b on that stand at `first` and after, strides spelled out. */
heed_input rows_from(const struct tensor *tensor, size_t b, size_t first);

/* Where a matrix unit multiplies bf16, the same numbers as f32 give other bits. */
bool piece_keeps_types(const heed_attention_args *a);
/* Replaces the keys by packed ones of f32 or their own type, appended in two steps, with room. */
bool pack_piece_keys(struct trial *trial, heed_attention_args *a, const struct tensor *k);

#endif
