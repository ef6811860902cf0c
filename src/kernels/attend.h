/* SPDX-License-Identifier: MIT */
/*
 * attend.h - attention of one task: blocks of keys stream past groups of rows.
 *
 *   for each chunk of 1024 keys                  partial results, merged in order
 *     for each block of 64 keys
 *       for each panel of TILE_COLS keys           transposed
 *         for each group of up to TILE_ROWS rows   scores
 *       for each group                             running softmax, sums of values
 *
 * With several KV heads, whose keys lie side by side in memory, each step over keys
 * is made for every head before the next, 16 keys at a time.
 *
 * A row's bits depend on its own query and keys alone: blocks and chunks stand at
 * absolute positions, and every number is one chain of FMAs (tile.h).
 */
#ifndef HEED_KERNELS_ATTEND_H
#define HEED_KERNELS_ATTEND_H

#include "kernels/behind.h"
#include "kernels/look.h"
#include "kernels/task_rows.h"

/* Some row of the task may see a key of [first_key, end). */
static bool is_seen(const struct attend *a, size_t first_key, size_t end)
{
    const struct heed_range range = seen_by_rows(a);

    return first_key < a->prefix ||
           (range.begin < end && first_key < range.end && range.begin < range.end);
}

/* Some map has the block that begins with this key. */
static inline bool is_mapped(const struct attend *a, size_t key)
{
    const struct heed_rules *rules = a->task->rules;

    if (!a->maps)
        return true;
    const ptrdiff_t at = (ptrdiff_t)(key / rules->block_keys) * rules->blocks.key_stride;

    for (size_t i = 0; i < a->maps; i++)
        if (a->s.maps[i][at])
            return true;
    return false;
}

/* The first block from `key` on that some row sees, at most at `end`. */
static size_t next_seen(const struct attend *a, size_t key, size_t end)
{
    while (key < end && !(is_seen(a, key, key + HEED_BLOCK) && is_mapped(a, key)))
        key += HEED_BLOCK;
    return key < end ? key : end;
}

/* What is done with a block of keys: by FMAs, or by a matrix unit. */
typedef void take_block(struct attend *a, const struct block *b);

static void attend_block(struct attend *a, const struct block *b)
{
    if (a->lags) {
        attend_behind(a, b);
        return;
    }
    score_block(a, b);
    if (a->task->kv_heads == 1)
        weigh_block(a, b);
    else
        weigh_side_by_side(a, b);
}

/*
 * The block at a key, and which rows see all of it: neither bound falls from row to row.  One
 * without keys where masks hide it from all rows.
 */
static struct block block_at(struct attend *a, size_t key, size_t end)
{
    const size_t rows = a->task->rows, keys = end - key < HEED_BLOCK ? end - key : HEED_BLOCK;
    const struct heed_range sees = seen_by_rows(a);
    struct block b = {.first_key = key, .keys = keys};

    b.seen = heed_bits_below(keys);
    if (a->prefix || sees.begin > key || sees.end < key + keys)
        b.seen = bits_seen(seen_in(sees, a->prefix, &b));
    while (a->began < rows && a->s.sees[a->began].begin <= key)
        a->began++;
    while (a->ended < rows && a->s.sees[a->ended].end < key + keys)
        a->ended++;
    if (!a->prefix) {
        b.whole_from = a->ended;
        b.whole_rows = a->began > a->ended ? a->began - a->ended : 0;
    }
    if (a->masked && !look_at_block(a, &b))
        b.keys = 0;
    return b;
}

/* The blocks of a chunk from `key` on, the first that is seen. */
INLINE void attend_chunk(struct attend *a, size_t key, size_t end, take_block block)
{
    for (; key < end; key = next_seen(a, key + HEED_BLOCK, end)) {
        const struct block b = block_at(a, key, end);

        if (b.keys)
            block(a, &b);
    }
    catch_up(a);
}

static struct attend begin(const struct heed_attend_task *t)
{
    const ptrdiff_t heads = (ptrdiff_t)t->kv_heads, k_dim = (ptrdiff_t)t->qk_dim;
    const ptrdiff_t v_dim = (ptrdiff_t)t->v_dim;
    const size_t prefix = (size_t)t->sight.prefix;
    const bool few = t->rows <= DIRECT_ROWS, widens_v = widens_in_registers(t, t->v_type);
    const bool in_place_k = !t->pages && (few || t->k_type == HEED_F32);
    const bool in_place_v = !t->pages && (widens_v || t->v_type == HEED_F32);
    const bool direct = few && !t->panels && t->qk_dim % VF_LANES == 0;

    return (struct attend){
        .task = t,
        .octaves = octaves_of(softmax_scale(t)),
        .chunk_head = t->part_state ? t->part_kv : t->rows,
        .direct = direct,
        .both = fetches_both(t, direct),
        .side_k = in_place_k && heads > 1 && t->k_kv == k_dim && t->k_row == heads * k_dim,
        .side_v = in_place_v && heads > 1 && t->v_kv == v_dim && t->v_row == heads * v_dim,
        .prefix = prefix < t->end_key ? prefix : t->end_key,
        .moved = is_moved(t),
        .masked = has_masks(t->rules),
        .lags = NEAR_KEYS && few && t->rows > 1 && t->v_type == HEED_F32 && t->end_key > HEED_BLOCK,
    };
}

INLINE void attend_by(const struct heed_attend_task *t, struct heed_copies copies, take_query query,
                      take_block block, size_t unit_rows)
{
    struct attend a = begin(t);
    struct block behind;
    struct checked checked;

    behind.keys = 0;
    checked.keys = 0;
    a.behind = &behind;
    a.checked = &checked;
    a.unit_rows = unit_rows;
    heed_scratch_layout(&a.s, t->scratch, t->kv_heads * t->rows, t->end_key, t->qk_dim, t->v_dim,
                        copies);
    begin_rows(&a, query);

    const size_t end_of_rows = a.s.sees[t->rows - 1].end;
    const size_t seen = end_of_rows > a.prefix ? end_of_rows : a.prefix;
    for (size_t key = t->first_key, chunk = 0; key < t->end_key; key += HEED_CHUNK, chunk++) {
        if (key == t->gap.begin)
            key = t->gap.end;
        const size_t end = seen < key + HEED_CHUNK ? seen : key + HEED_CHUNK;
        const size_t first = next_seen(&a, key, end);

        /* Where parts are kept, the merge must find those of chunks that no row sees, too. */
        if (!t->part_state && first >= end)
            continue;
        begin_chunk(&a, chunk);
        attend_chunk(&a, first, end, block);
        end_chunk(&a, chunk);
    }
    if (!t->part_state)
        end_rows(&a);
}

static void attend(const struct heed_attend_task *t)
{
    struct heed_copies copies =
        heed_copies_of(t->q_type, t->panels ? HEED_F32 : t->k_type, t->pages);

    copies.rules = t->rules;
    copies.behind = heed_rows_behind(t->kv_heads, t->rows);
    attend_by(t, copies, point_at_query, attend_block, 0);
}

/* Merges the parts of one row, in place in the first, and finishes it. */
static void gather(const struct heed_gather_task *t)
{
    const struct octaves octaves = octaves_of(t->scale);
    const size_t v_pad = heed_pad(t->v_dim, HEED_LANES);
    struct heed_row_state total = t->part_state[0];

    for (size_t c = 1; c < t->chunks; c++)
        merge_state(&total, t->part_sum, &t->part_state[c * t->state_step],
                    t->part_sum + c * t->sum_step, v_pad, &octaves);
    finish_row(&total, t->part_sum, t->v_dim, t->scale, t->sink,
               (struct out){t->o, t->o_type, loaded_times(t->v_type)}, t->lse);
}

#endif
