/* SPDX-License-Identifier: MIT */
/*
 * behind.h - few rows: the values of a block are summed while the next one is scored, some
 * keys of each by turns.
 *
 * Then keys and values come from memory side by side all the time, where a core that computes
 * on one of them alone leaves the stream of the other one standing.  Sums and maxima see blocks
 * in the same order as ever: a block is weighed when all values before it are summed.
 */
#ifndef HEED_KERNELS_BEHIND_H
#define HEED_KERNELS_BEHIND_H

#include "kernels/score.h"
#include "kernels/sum.h"

enum {
    SHARES = HEED_BLOCK / SIDE_KEYS,
    BLOCK_PANELS = (int)TILE_COLS == (int)HEED_BLOCK, /* a panel has the keys of a block */
    SHARE_PANELS = (int)TILE_COLS <= (int)SIDE_KEYS   /* or of a share, or fewer */
};

/* The block behind becomes the one that others work on, and back. */
static void exchange_blocks(struct attend *a)
{
    const struct heed_keys_left left = a->s.left;
    float *const weights = a->s.weights;

    a->s.weights = a->s.behind;
    a->s.behind = weights;
    a->s.left = a->s.left_behind;
    a->s.left_behind = left;
}

/* The values of a share of the block behind. */
static void sum_share(struct attend *a, size_t share)
{
    const size_t j = share * SIDE_KEYS;

    if (j >= a->behind->keys)
        return;
    const struct block part = part_of(a->behind, j, SIDE_KEYS);

    exchange_blocks(a);
    sum_side_by_side(a, &part);
    exchange_blocks(a);
}

/* Dims [d, d + dims) of a packed panel, which is the whole block. */
static void score_dims(struct attend *a, const struct block *b, size_t head, size_t d, size_t dims)
{
    const struct heed_attend_task *t = a->task;
    const struct group_view seen = seen_by_group(a, head, 0, t->rows, b);
    const ptrdiff_t step = TILE_COLS * (ptrdiff_t)heed_size(t->k_type);
    const struct ahead ahead =
        by_steps(skip_ahead(keys_ahead(a, head, b->first_key), (ptrdiff_t)d * step), step, NEAR);
    const float *q[DIRECT_ROWS];

    if (!seen.to) /* then the panel is not read */
        return;
    const struct panel panel = kept_panel(a, head, b->first_key, d, dims);

    for (size_t r = 0; r < t->rows; r++)
        q[r] = a->s.q[head * t->rows + r] + d;
    score_group(&panel, q, dims, seen.from, seen.to, weights_of(a, head, 0), d > 0, &ahead,
                t->rows);
}

/* A share of the scores of a head: a quarter of its keys, or of the dims of a panel. */
static void score_share(struct attend *a, const struct block *b, size_t head, size_t share)
{
    const size_t dim = a->task->qk_dim, j = share * SIDE_KEYS;
    const size_t d = share * dim / SHARES, end = (share + 1) * dim / SHARES;

    if (a->task->panels && BLOCK_PANELS)
        score_dims(a, b, head, d, end - d);
    else if (!a->direct && !SHARE_PANELS && share == 0)
        score_keys(a, b, head, 0, b->keys);
    else if ((a->direct || SHARE_PANELS) && j < b->keys)
        score_keys(a, b, head, j, b->keys - j < SIDE_KEYS ? b->keys : j + SIDE_KEYS);
}

static void attend_behind(struct attend *a, const struct block *b)
{
    const struct heed_attend_task *t = a->task;

    for (size_t share = 0; share < SHARES; share++) {
        for (size_t head = 0; head < t->kv_heads; head++)
            score_share(a, b, head, share);
        sum_share(a, share);
    }
    end_scores(a, b);
    for (size_t head = 0; head < t->kv_heads; head++)
        weigh_group(a, b, head, 0, t->rows);
    *a->behind = *b;
    exchange_blocks(a);
}

/* The values that are left at the end of a chunk. */
static void catch_up(struct attend *a)
{
    for (size_t share = 0; a->lags && share < SHARES; share++)
        sum_share(a, share);
    a->behind->keys = 0;
}

#endif
