/* SPDX-License-Identifier: MIT */
/* trial_layout.h - random ragged batches and paged caches. */
#ifndef HEED_CHECKS_TRIAL_LAYOUT_H
#define HEED_CHECKS_TRIAL_LAYOUT_H

#include "trial.h"

/* Of the tensors: their batch axis and rows, of q, o and lse, and of k and v. */
struct extents {
    size_t q_batch, q_rows, kv_batch, kv_rows;
};

/* Those of a problem with drawn sizes; `ragged` adds offsets or pages to it. */
struct extents trial_layout(struct trial *trial, heed_attention_args *a, bool ragged);

/* The same without pages; queries, keys or both are ragged. */
struct extents trial_ragged(struct trial *trial, heed_attention_args *a, bool ragged);

#endif
