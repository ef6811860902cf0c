/* SPDX-License-Identifier: MIT */
/*
 * plan.h - how one attention call is cut into tasks.
 *
 * The query heads of a group are folded into rows, the rows of a KV head cut into
 * row blocks, and where that leaves threads idle the keys cut into ranges of whole
 * chunks, whose results are merged in order afterwards.  Where the KV heads of a
 * position lie side by side in memory (BSHD) and rows are few, a task takes several
 * heads, so that it reads memory in order.  No cut changes a bit.
 */
#ifndef HEED_PLAN_H
#define HEED_PLAN_H

#include "scratch.h"

/* Three pieces of a workspace start on cache lines. */
enum { HEED_ALIGNMENT_ROOM = 3 * 64 };

struct heed_plan {
    size_t group;       /* query heads per KV head */
    size_t rows;        /* folded rows per KV head */
    size_t block_rows;  /* of all but perhaps the last row block */
    size_t row_blocks;  /* per KV head */
    size_t heads;       /* batch x kv_heads */
    size_t together;    /* KV heads per task */
    size_t head_groups; /* of so many, per batch */
    size_t chunks;      /* of keys, that a row block goes through, at most */
    size_t ranges;      /* tasks per row block: one unless the keys are cut */
    size_t tasks, workers;
    size_t scratch;    /* bytes per worker */
    size_t part_state; /* bytes of partial results, 0 unless the keys are cut */
    size_t part_sum;
    size_t workspace; /* bytes in all, with room for alignment; SIZE_MAX: too many */
};

/* `parts`: what a matrix unit multiplies, if there is one; `rules`: whether something happens to
 * scores. */
void heed_plan_attention(const heed_attention_args *args, const struct heed_parts *parts,
                         bool rules, struct heed_plan *plan);

#endif
