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

#include "kernels/score.h"
#include "kernels/sum.h"

/* Where the rows of a task stand in its operands: query row i of head h of the group. */
struct cursor {
    ptrdiff_t i, h, group;
};

static inline struct cursor first_row(const struct heed_attend_task *t)
{
    const ptrdiff_t group = (ptrdiff_t)t->group, row = (ptrdiff_t)t->first_row;

    return (struct cursor){row / group, row % group, group};
}

static inline void next_row(struct cursor *at)
{
    if (++at->h == at->group) {
        at->h = 0;
        at->i++;
    }
}

/* A row of queries at its offset: where it stands, or converted. */
static const float *query_row(struct attend *a, size_t row, ptrdiff_t offset)
{
    const struct heed_attend_task *t = a->task;
    const void *q = heed_after(t->q, offset, t->q_type);
    float *to = a->s.q_rows + row * t->qk_dim;

    if (t->q_type == HEED_F32)
        return q;
    widen_row(t->q_type, q, t->qk_dim, to);
    return to;
}

/* Remembers each of the rows' maps of blocks once. */
static void gather_maps(struct attend *a)
{
    const struct heed_attend_task *t = a->task;

    for (size_t r = 0; r < t->kv_heads * t->rows; r++) {
        const char *map = a->s.rules[r].blocks;
        size_t i = a->maps;

        while (i > 0 && a->s.maps[i - 1] != map)
            i--;
        if (i == 0)
            a->s.maps[a->maps++] = map;
    }
}

/* What is done with a row of queries, and with a block of keys: by FMAs, or by a matrix unit. */
typedef void take_query(struct attend *a, size_t head, size_t row, ptrdiff_t offset);
typedef void take_block(struct attend *a, const struct block *b);

static void point_at_query(struct attend *a, size_t head, size_t row, ptrdiff_t offset)
{
    const size_t at = head * a->task->rows + row;

    a->s.q[at] = query_row(a, at, offset);
}

/* Row pointers, and what rows see.  Neither bound of that falls from row to row. */
INLINE void begin_rows(struct attend *a, take_query query)
{
    const struct heed_attend_task *t = a->task;

    for (size_t head = 0; head < t->kv_heads; head++) {
        struct cursor at = first_row(t);
        const size_t first = head * t->rows;

        for (size_t r = 0; r < t->rows; r++, next_row(&at)) {
            struct heed_range sees = heed_sees(&t->sight, (size_t)at.i);

            query(a, head, r, (ptrdiff_t)head * t->q_kv + at.h * t->q_head + at.i * t->q_row);
            sees.end = sees.end < t->end_key ? sees.end : t->end_key;
            a->s.sees[r] = sees;
            a->s.total[first + r] = (struct heed_row_state){-FLT_MAX, 0.0f};
            if (t->rules)
                a->s.rules[first + r] =
                    rules_of_row(t->rules, t->sight.position, t->batch,
                                 t->first_q_head + head * t->group + (size_t)at.h, (size_t)at.i);
        }
    }
    if (t->rules && t->rules->blocks.data)
        gather_maps(a);
}

static void begin_chunk(struct attend *a, size_t chunk)
{
    const struct heed_attend_task *t = a->task;

    if (t->part_state)
        a->s.chunk_o = t->part_sum + chunk * t->rows * a->s.v_pad;
    for (size_t r = 0; r < t->kv_heads * t->rows; r++) {
        a->s.max[r] = -FLT_MAX;
        vf_store(a->s.sum + r * HEED_LANES, vf_zero());
    }
    for (size_t head = 0; a->ragged_begin && head < t->kv_heads; head++)
        fill(sums_of(a, head, 0), t->rows * a->s.v_pad, 0.0f);
}

/* The state of a row after a chunk: kept as it is, or merged into that of the chunks before. */
static void end_chunk_row(struct attend *a, size_t head, size_t r, size_t chunk)
{
    const struct heed_attend_task *t = a->task;
    const size_t row = head * t->rows + r, v_pad = a->s.v_pad;
    const struct heed_row_state part = {a->s.max[row],
                                        vf_reduce_add(vf_load(a->s.sum + row * HEED_LANES))};

    if (t->part_state)
        t->part_state[head * t->part_kv + chunk * t->rows + r] = part;
    else if (!a->merged)
        a->s.total[row] = part;
    else
        merge_state(&a->s.total[row], a->s.total_o + row * v_pad, &part, sums_of(a, head, r), v_pad,
                    &a->octaves);
}

static void end_chunk(struct attend *a, size_t chunk)
{
    const struct heed_attend_task *t = a->task;

    for (size_t head = 0; head < t->kv_heads; head++)
        for (size_t r = 0; r < t->rows; r++)
            end_chunk_row(a, head, r, chunk);
    if (!a->merged && !t->part_state) { /* the first one is the total so far, without a copy */
        float *const sums = a->s.chunk_o;

        a->s.chunk_o = a->s.total_o;
        a->s.total_o = sums;
    }
    a->merged = true;
}

/* From scores to exponents; rules take the scale upon them. */
static float softmax_scale(const struct heed_attend_task *t)
{
    return t->rules ? 1.0f : t->scale;
}

static void end_rows(struct attend *a)
{
    const struct heed_attend_task *t = a->task;

    for (size_t head = 0; head < t->kv_heads; head++) {
        const ptrdiff_t h = (ptrdiff_t)head;
        struct cursor at = first_row(t);

        for (size_t row = head * t->rows; row < (head + 1) * t->rows; row++, next_row(&at))
            finish_row(&a->s.total[row], a->s.total_o + row * a->s.v_pad, t->v_dim,
                       softmax_scale(t), t->sinks ? t->sinks[h * at.group + at.h] : -INFINITY,
                       (struct out){written(t->o, h * t->o_kv + at.h * t->o_head + at.i * t->o_row,
                                            t->o_type),
                                    t->o_type},
                       t->lse ? t->lse + h * t->lse_kv + at.h * t->lse_head + at.i * t->lse_row
                              : NULL);
    }
}

/* Some row of the task may see a key of [first_key, end). */
static bool is_seen(const struct attend *a, size_t first_key, size_t end)
{
    return first_key < a->prefix ||
           (a->s.sees[0].begin < end && first_key < a->s.sees[a->task->rows - 1].end);
}

static inline ptrdiff_t map_at(const struct attend *a, size_t key)
{
    const struct heed_rules *rules = a->task->rules;

    return a->maps ? (ptrdiff_t)(key / rules->block_keys) * rules->blocks.key_stride : 0;
}

/* Some map has the block that begins with this key. */
static inline bool is_mapped(const struct attend *a, size_t key)
{
    const ptrdiff_t at = map_at(a, key);

    for (size_t i = 0; i < a->maps; i++)
        if (a->s.maps[i][at])
            return true;
    return !a->maps;
}

/* The first block from `key` on that some row sees, at most at `end`. */
static size_t next_seen(const struct attend *a, size_t key, size_t end)
{
    while (key < end && !(is_seen(a, key, key + HEED_BLOCK) && is_mapped(a, key)))
        key += HEED_BLOCK;
    return key < end ? key : end;
}

static void attend_block(struct attend *a, const struct block *b)
{
    score_block(a, b);
    if (a->task->kv_heads == 1)
        weigh_block(a, b);
    else
        weigh_side_by_side(a, b);
}

/* The blocks of a chunk from `key` on, the first that is seen. */
INLINE void attend_chunk(struct attend *a, size_t first_key, size_t key, size_t end,
                         take_block block)
{
    for (; key < end; key = next_seen(a, key + HEED_BLOCK, end)) {
        const struct block b = {key, end - key < HEED_BLOCK ? end - key : HEED_BLOCK,
                                map_at(a, key)};

        a->first = key == first_key && !a->ragged_begin;
        block(a, &b);
    }
}

static struct attend begin(const struct heed_attend_task *t)
{
    const ptrdiff_t heads = (ptrdiff_t)t->kv_heads, k_dim = (ptrdiff_t)t->qk_dim;
    const ptrdiff_t v_dim = (ptrdiff_t)t->v_dim;
    const size_t prefix = (size_t)t->sight.prefix;
    const bool few = t->rows <= DIRECT_ROWS;
    const bool in_place_k = !t->pages && (few || t->k_type == HEED_F32);
    const bool in_place_v = !t->pages && (few || t->v_type == HEED_F32);
    const bool by_key = t->rules && (t->rules->bias.data || t->rules->visible.data);
    const bool by_block = t->rules && t->rules->blocks.data;

    return (struct attend){
        .task = t,
        .octaves = octaves_of(softmax_scale(t)),
        .groups = (t->rows + TILE_ROWS - 1) / TILE_ROWS,
        .chunk_head = t->part_state ? t->part_kv : t->rows,
        .direct = few && !t->panels && t->qk_dim % VF_LANES == 0,
        .side_k = in_place_k && heads > 1 && t->k_kv == k_dim && t->k_row == heads * k_dim,
        .side_v = in_place_v && heads > 1 && t->v_kv == v_dim && t->v_row == heads * v_dim,
        .prefix = prefix < t->end_key ? prefix : t->end_key,
        .by_key = by_key,
        .selective = by_key || by_block,
        .ragged_begin = t->sight.left || t->sight.chunk || by_block,
    };
}

INLINE void attend_by(const struct heed_attend_task *t, struct heed_copies copies, take_query query,
                      take_block block)
{
    struct attend a = begin(t);

    heed_scratch_layout(&a.s, t->scratch, t->kv_heads * t->rows, t->end_key, t->qk_dim, t->v_dim,
                        copies);
    begin_rows(&a, query);

    const size_t end_of_rows = a.s.sees[t->rows - 1].end;
    const size_t seen = end_of_rows > a.prefix ? end_of_rows : a.prefix;
    for (size_t key = t->first_key, chunk = 0; key < t->end_key; key += HEED_CHUNK, chunk++) {
        const size_t end = seen < key + HEED_CHUNK ? seen : key + HEED_CHUNK;
        const size_t first = next_seen(&a, key, end);

        /* Where parts are kept, the merge must find those of chunks that no row sees, too. */
        if (!t->part_state && first >= end)
            continue;
        begin_chunk(&a, chunk);
        attend_chunk(&a, key, first, end, block);
        end_chunk(&a, chunk);
    }
    if (!t->part_state)
        end_rows(&a);
}

static void attend(const struct heed_attend_task *t)
{
    attend_by(t, heed_copies_of(t->q_type, t->panels ? HEED_F32 : t->k_type, t->pages),
              point_at_query, attend_block);
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
    finish_row(&total, t->part_sum, t->v_dim, t->scale, t->sink, (struct out){t->o, t->o_type},
               t->lse);
}

#endif
