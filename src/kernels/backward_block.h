/* SPDX-License-Identifier: MIT */
/*
 * backward_block.h - a task of the backward pass, and which streamed rows of a block its
 * kept rows see.
 *
 * Blocks are counted as in block.h, whether keys or query rows stream.  Seen from keys,
 * ranges of rows do not rise from key to key where there is a prefix, so that groups of
 * kept rows look at all of them, once.
 */
#ifndef HEED_KERNELS_BACKWARD_BLOCK_H
#define HEED_KERNELS_BACKWARD_BLOCK_H

#include "backward_scratch.h"
#include "kernels/backward_rules.h"
#include "kernels/block.h"
#include "kernels/pack.h"

/* What the steps of a task share. */
struct backward {
    const struct heed_backward_task *task;
    struct heed_backward_scratch s;
    size_t groups;           /* of up to TILE_ROWS kept rows */
    struct heed_range any;   /* streamed rows that some kept row sees, but for the prefix */
    size_t prefix;           /* streamed rows before it are seen by all */
    struct heed_rules rules; /* along the streamed rows, where the task has some */
    bool moved;              /* they have scaled the scores, and moved them */
    bool masked;             /* they may hide single pairs, which must not count */
    bool turns_biases;       /* those of kept keys are brought side by side */
    bool wants_scores;       /* their gradients: for those of q, k or the bias */
};

/* Streamed rows of one head; qk and v as the sums read them, in whole vectors. */
struct backward_block {
    size_t head;
    struct block at;
    const float *qk, *v;
    ptrdiff_t qk_row, v_row;
    bool gap;    /* rows that no kept row sees are between others */
    bool blind;  /* query rows with lse -inf are among them */
    bool finite; /* all that the sums read, where that was worth a look */
};

/* One past the last kept row of a group. */
static inline size_t backward_group_end(const struct backward *b, size_t group)
{
    return b->task->rows * (group + 1) / b->groups;
}

/* The streamed rows that kept row r sees of each head, but for the prefix. */
static struct heed_range backward_range(const struct heed_backward_task *t, size_t r)
{
    const size_t row = t->first_row + r;

    return t->keeps_queries ? heed_sees(&t->sight, row)
                            : heed_seen_by(&t->sight, t->streamed_rows, row);
}

static struct heed_range joined(struct heed_range a, struct heed_range b)
{
    if (b.begin >= b.end)
        return a;
    if (a.begin >= a.end)
        return b;
    return (struct heed_range){a.begin < b.begin ? a.begin : b.begin,
                               a.end > b.end ? a.end : b.end};
}

/* Whether some query row of some head sees a kept key, as far as maps of blocks go. */
static bool backward_key_listed(const struct backward *b, size_t r)
{
    const struct heed_backward_task *t = b->task;
    const struct heed_rules *rules = t->rules;
    const struct heed_range sees = b->s.sees[r];

    if (!rules || !rules->blocks.data)
        return true;
    const size_t step = rules->block_rows, key_block = (t->first_row + r) / rules->block_keys;
    const ptrdiff_t column = (ptrdiff_t)key_block * rules->blocks.key_stride;

    for (size_t head = t->first_q_head; head < t->first_q_head + t->heads; head++) {
        const char *map = score_row(&rules->blocks, 1, t->batch, head, 0);

        for (size_t i = sees.begin; i < sees.end; i += step - i % step)
            if (map[(ptrdiff_t)(i / step) * rules->blocks.row_stride + column])
                return true;
    }
    return false;
}

/* Whether a kept row is read: query rows are, and keys that some query row sees. */
static bool backward_reads(const struct backward *b, size_t r)
{
    return b->task->keeps_queries ||
           (b->s.sees[r].begin < b->s.sees[r].end && backward_key_listed(b, r));
}

/* What each kept row, each group and all of them see. */
static void backward_open(struct backward *b)
{
    for (size_t g = 0, r = 0; g < b->groups; g++) {
        struct heed_group_sight *group = &b->s.groups[g];

        *group = (struct heed_group_sight){.all = {0, SIZE_MAX}};
        for (; r < backward_group_end(b, g); r++) {
            const struct heed_range sees = backward_range(b->task, r);

            b->s.sees[r] = sees;
            group->any = joined(group->any, sees);
            group->all.begin = sees.begin > group->all.begin ? sees.begin : group->all.begin;
            group->all.end = sees.end < group->all.end ? sees.end : group->all.end;
        }
        b->any = joined(b->any, group->any);
    }
}

static inline struct seen backward_seen(const struct backward *b, size_t r, const struct block *k)
{
    return seen_in(b->s.sees[r], b->prefix, k);
}

/* The rows of a block that some kept row sees; others are not read. */
static inline uint64_t backward_bits(const struct backward *b, const struct block *k)
{
    return bits_seen(seen_in(b->any, b->prefix, k));
}

static inline bool backward_is_seen(const struct backward *b, const struct block *k)
{
    return k->first_key < b->prefix ||
           (b->any.begin < k->first_key + k->keys && k->first_key < b->any.end);
}

/* The streamed rows of a block that kept row r sees, a bit each. */
static inline uint64_t backward_keys(const struct backward *b, size_t r, const struct block *k)
{
    return k->masked ? b->s.left[r] : bits_seen(backward_seen(b, r, k));
}

#endif
