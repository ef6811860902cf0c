/* SPDX-License-Identifier: MIT */
/*
 * task_rows.h - the rows of a task: queries and what they see; their states and sums at
 * the ends of chunks; results.
 */
#ifndef HEED_KERNELS_TASK_ROWS_H
#define HEED_KERNELS_TASK_ROWS_H

#include "kernels/sum.h"

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

/* What rows see, the same for every KV head.  Neither bound of that falls from row to row. */
static void see_keys(struct attend *a)
{
    const struct heed_sight sight = a->task->sight;
    const bool bounded = heed_is_bounded(&sight);
    const size_t rows = a->task->rows, end_key = a->task->end_key;
    struct heed_range *const to = a->s.sees, sees = {0, 0};
    struct cursor at = first_row(a->task);

    for (size_t r = 0; r < rows; r++, next_row(&at)) {
        if (r == 0 || (bounded && at.h == 0)) {
            sees = heed_sees(&sight, (size_t)at.i);
            sees.end = sees.end < end_key ? sees.end : end_key;
        }
        to[r] = sees;
    }
}

/* Whether the strides of a view, or its absence, say that all rows of the task share it. */
static bool is_shared(const struct heed_attend_task *t, const heed_score_view *view)
{
    const bool one_row = t->first_row / t->group == (t->first_row + t->rows - 1) / t->group;

    return !view->data ||
           ((one_row || !view->row_stride) && (t->group * t->kv_heads == 1 || !view->head_stride));
}

/* The rules of rows, query head after query head of each group; of one if that tells all. */
static void begin_rules(struct attend *a)
{
    const struct heed_attend_task *t = a->task;
    const struct heed_rules *rules = t->rules;
    const size_t heads = t->kv_heads * t->group;
    struct heed_row_rules *const all = a->s.rules;

    a->same_masks = a->masked && !rules->blocks.data && is_shared(t, &rules->visible) &&
                    is_shared(t, &rules->bias);
    if (a->same_masks && !a->moved) {
        const struct head_rules head = rules_of_head(rules, t->batch, t->first_q_head);

        all[0] =
            rules_of_row(rules, &head, t->sight.position, (ptrdiff_t)(t->first_row / t->group));
        return;
    }
    for (size_t h = 0; h < heads; h++) {
        const struct head_rules head = rules_of_head(rules, t->batch, t->first_q_head + h);
        const size_t own = h % t->group, first = t->first_row % t->group;
        ptrdiff_t row = (ptrdiff_t)(t->first_row / t->group + (own < first));

        for (size_t r = (own + t->group - first) % t->group; r < t->rows; r += t->group)
            all[h / t->group * t->rows + r] = rules_of_row(rules, &head, t->sight.position, row++);
    }
    if (rules->blocks.data)
        gather_maps(a);
}

/* Queries, what their rows see, and their rules. */
INLINE void begin_rows(struct attend *a, take_query query)
{
    const struct heed_attend_task *t = a->task;

    see_keys(a);
    for (size_t head = 0; head < t->kv_heads; head++) {
        struct cursor at = first_row(t);

        for (size_t r = 0; r < t->rows; r++, next_row(&at))
            query(a, head, r, (ptrdiff_t)head * t->q_kv + at.h * t->q_head + at.i * t->q_row);
    }
    if (t->rules)
        begin_rules(a);
}

static void begin_chunk(struct attend *a, size_t chunk)
{
    const struct heed_attend_task *t = a->task;
    const size_t rows = t->kv_heads * t->rows;
    float *const max = a->s.max, *const sum = a->s.sum;

    if (t->part_state)
        a->s.chunk_o = t->part_sum + chunk * t->rows * a->s.v_pad;
    for (size_t r = 0; r < rows; r++) {
        max[r] = -FLT_MAX;
        vf_store(sum + r * HEED_LANES, vf_zero());
    }
    memset(a->s.begun, 0, rows);
}

/* The state of a row after a chunk. */
static inline struct heed_row_state state_of(const struct attend *a, size_t row)
{
    return (struct heed_row_state){a->s.max[row],
                                   vf_reduce_add(vf_load(a->s.sum + row * HEED_LANES))};
}

/* States after a chunk, kept as they are for a later merge. */
static void keep_parts(struct attend *a, size_t chunk)
{
    const struct heed_attend_task *t = a->task;

    for (size_t head = 0; head < t->kv_heads; head++)
        for (size_t r = 0; r < t->rows; r++)
            t->part_state[head * t->part_kv + chunk * t->rows + r] =
                state_of(a, head * t->rows + r);
}

/* The first chunk that is seen is the total so far, without a copy of its sums. */
static void keep_first(struct attend *a)
{
    const size_t rows = a->task->kv_heads * a->task->rows;
    struct heed_row_state *const total = a->s.total;
    float *const sums = a->s.chunk_o;

    for (size_t row = 0; row < rows; row++)
        total[row] = state_of(a, row);
    a->s.chunk_o = a->s.total_o;
    a->s.total_o = sums;
}

static void merge_chunk(struct attend *a)
{
    const size_t rows = a->task->kv_heads * a->task->rows, v_pad = a->s.v_pad;

    for (size_t row = 0; row < rows; row++) {
        const struct heed_row_state part = state_of(a, row);

        merge_state(&a->s.total[row], a->s.total_o + row * v_pad, &part, a->s.chunk_o + row * v_pad,
                    v_pad, &a->octaves);
    }
}

static void end_chunk(struct attend *a, size_t chunk)
{
    if (a->task->part_state)
        keep_parts(a, chunk);
    else if (a->task->end_key - a->task->first_key <= HEED_CHUNK)
        a->alone = true;
    else if (a->merged)
        merge_chunk(a);
    else
        keep_first(a);
    a->merged = true;
}

/* Whether rules scale the scores. */
static inline bool is_moved(const struct heed_attend_task *t)
{
    return t->rules && t->rules->scaled;
}

/* From scores to exponents. */
static float softmax_scale(const struct heed_attend_task *t)
{
    return is_moved(t) ? 1.0f : t->scale;
}

/* Results of rows; `plain`: of f32, without sinks and log-sum-exps, as nearly always. */
INLINE void end_rows_as(const struct attend *a, const bool plain)
{
    const struct heed_attend_task *t = a->task;
    const size_t rows = t->rows, v_dim = t->v_dim, v_pad = a->s.v_pad;
    const float scale = softmax_scale(t), times = plain ? 1.0f : loaded_times(t->v_type);
    const heed_dtype type = plain ? HEED_F32 : t->o_type;
    float *sums = a->alone ? a->s.chunk_o : a->s.total_o;
    size_t row = 0;

    for (ptrdiff_t head = 0; head < (ptrdiff_t)t->kv_heads; head++) {
        struct cursor at = first_row(t);

        for (size_t r = 0; r < rows; r++, next_row(&at), row++, sums += v_pad) {
            const struct heed_row_state state = a->alone ? state_of(a, row) : a->s.total[row];
            const ptrdiff_t o = head * t->o_kv + at.h * t->o_head + at.i * t->o_row;
            const ptrdiff_t lse = head * t->lse_kv + at.h * t->lse_head + at.i * t->lse_row;

            finish_row(&state, sums, v_dim, scale,
                       !plain && t->sinks ? t->sinks[head * at.group + at.h] : -INFINITY,
                       (struct out){written(t->o, o, type), type, times},
                       !plain && t->lse ? t->lse + lse : NULL);
        }
    }
}

/* Where no row saw a key there is nothing to divide. */
static void end_rows(struct attend *a)
{
    const struct heed_attend_task *t = a->task;

    for (size_t row = 0; !a->merged && row < t->kv_heads * t->rows; row++)
        a->s.total[row] = (struct heed_row_state){-FLT_MAX, 0.0f};
    if (t->o_type == HEED_F32 && t->v_type != HEED_F8 && !t->sinks && !t->lse)
        end_rows_as(a, true);
    else
        end_rows_as(a, false);
}

#endif
