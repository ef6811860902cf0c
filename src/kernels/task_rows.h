/* SPDX-License-Identifier: MIT */
/*
 * task_rows.h - the rows of a task: queries and what they see; their states and sums at
 * the ends of chunks; results.
 */
#ifndef HEED_KERNELS_TASK_ROWS_H
#define HEED_KERNELS_TASK_ROWS_H

#include "kernels/score.h"

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

/* What is done with a row of queries: for FMAs, or for a matrix unit. */
typedef void take_query(struct attend *a, size_t head, size_t row, ptrdiff_t offset);

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
                                    t->o_type, loaded_times(t->v_type)},
                       t->lse ? t->lse + h * t->lse_kv + at.h * t->lse_head + at.i * t->lse_row
                              : NULL);
    }
}

#endif
