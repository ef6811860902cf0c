/* SPDX-License-Identifier: MIT */
/* caches.h - the keys and values of a piece in a KV cache, which came there in some way or other.
 */
#ifndef HEED_CHECKS_CACHES_H
#define HEED_CHECKS_CACHES_H

#include "trial.h"

/*
 * Puts a cache in the place of k and v: filled in chunks and token by token, all entries
 * together or one by one, with rows that are dropped again in between.
 */
bool cache_piece(struct trial *trial, heed_attention_args *a, const struct tensor *k,
                 const struct tensor *v);

#endif
