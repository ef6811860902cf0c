/* SPDX-License-Identifier: MIT */
/* sight.c - checks what a call says of masks and positions; which keys the rows of a batch see. */
#include "attention.h"

/* Beyond these, sums of positions, windows and rows could overflow. */
static const ptrdiff_t farthest = PTRDIFF_MAX / 8;

static ptrdiff_t bounded(ptrdiff_t position)
{
    return heed_least(heed_most(position, -farthest), farthest);
}

static bool check_rows(struct heed_check *check, const heed_attention_args *a)
{
    if (a->q_rows > (size_t)farthest || a->kv_rows > (size_t)farthest)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s is too large",
                           a->q_rows > a->kv_rows ? "q_rows" : "kv_rows");
    return true;
}

static bool check_mask(struct heed_check *check, heed_attention_args *a)
{
    size_t *const distances[] = {&a->window_left, &a->window_right, &a->local_chunk, &a->prefix};

    if (a->mask != HEED_MASK_NONE && a->mask != HEED_MASK_CAUSAL &&
        a->mask != HEED_MASK_CAUSAL_FROM)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "mask is %d, no heed_mask", (int)a->mask);
    a->q_position = bounded(a->q_position);
    for (size_t i = 0; i < sizeof distances / sizeof *distances; i++)
        if (*distances[i] > (size_t)farthest)
            *distances[i] = (size_t)farthest;
    return true;
}

bool heed_check_sight(struct heed_check *check, heed_attention_args *a)
{
    if (!check_rows(check, a) || !check_mask(check, a))
        return false;
    for (size_t b = 0; a->q_positions && b < a->batch; b++)
        if (a->q_positions[b] != bounded(a->q_positions[b]))
            return heed_refuse(check, HEED_INVALID_ARGUMENT, "q_positions[%zu] is %td", b,
                               a->q_positions[b]);
    return true;
}

struct heed_sight heed_sight_of(const heed_attention_args *a, size_t batch,
                                const struct heed_sequence *sequence)
{
    const ptrdiff_t keys = (ptrdiff_t)sequence->kv_rows;

    return (struct heed_sight){
        .position = a->q_positions                     ? a->q_positions[batch]
                    : a->mask == HEED_MASK_CAUSAL_FROM ? a->q_position
                                                       : keys - (ptrdiff_t)sequence->q_rows,
        .keys = keys,
        .causal = a->mask != HEED_MASK_NONE,
        .left = (ptrdiff_t)a->window_left,
        .right = (ptrdiff_t)a->window_right,
        .chunk = (ptrdiff_t)a->local_chunk,
        .prefix = (ptrdiff_t)(a->prefix < (size_t)keys ? a->prefix : (size_t)keys),
    };
}
