/* SPDX-License-Identifier: MIT */
/* score.h - the scores of a block. */
#ifndef HEED_KERNELS_SCORE_H
#define HEED_KERNELS_SCORE_H

#include "kernels/direct.h"
#include "kernels/scales.h"

/* For few rows, without a panel: keys [j, j + DIRECT_COLS) of the block, which are all read. */
static void score_directly(struct attend *a, const struct block *b, size_t head, size_t j)
{
    const struct heed_attend_task *t = a->task;
    const size_t key = b->first_key + j;
    const float *const *q = a->s.q + head * t->rows;
    const struct ahead ahead = keys_ahead(a, head, key);
    float *s = weights_of(a, head, 0) + j;
    const uint64_t all = heed_bits_below(DIRECT_COLS);
    const ptrdiff_t at = (ptrdiff_t)head * t->k_kv + row_offset(t, key, t->k_row, t->k_page);
    const void *in_place = heed_after(t->k, at, t->k_type);

    if (rows_together(t, key, DIRECT_COLS) == DIRECT_COLS &&
        rows_finite(t->k_type, in_place, t->k_row, DIRECT_COLS, t->qk_dim)) {
        scores_direct(t->k_type, q, t->qk_dim, in_place, t->k_row, s, HEED_BLOCK, &ahead, t->rows);
    } else {
        ptrdiff_t step;
        const float *k = key_rows(a, head, key, DIRECT_COLS, all, &step);

        scores_direct(HEED_F32, q, t->qk_dim, k, step, s, HEED_BLOCK, &ahead, t->rows);
    }
}

/*
 * Keys [from, to) of a panel for a group of rows, and those that share a vector with them.
 * `more`: continues their chains.
 */
static void score_group(const struct panel *panel, const float *const *q, size_t dim, size_t from,
                        size_t to, float *s, bool more, const struct ahead *ahead, size_t rows)
{
    const size_t first = from / VF_LANES * VF_LANES, cols = to - first;
    const void *at = heed_after(panel->at, (ptrdiff_t)first, panel->type);
    const bool fetches = ahead && ahead->step;

    s += first;
    if (panel->type != HEED_F32)
        scores_of_kept(panel->type, q, dim, at, cols, s, HEED_BLOCK, more, ahead, rows);
    else if (rows == TILE_ROWS && dim && !more && !fetches && vf_aligned(at, TILE_COLS))
        scores_of_groups(q, dim, at, cols, s, HEED_BLOCK, 1);
    else
        scores_of_rows(q, dim, at, cols, s, HEED_BLOCK, more, ahead, rows);
}

/* Whole groups from `row` on of which each sees something on both sides of these keys. */
static size_t groups_around(const struct attend *a, size_t head, size_t row, size_t j, size_t keys)
{
    const size_t rows = a->task->rows;
    const struct heed_group_keys *group = &a->s.left.groups[head * rows + row];
    size_t groups = 0, left = rows - row;

    for (; group_rows(left) == TILE_ROWS && group->from <= j && group->to >= j + keys;
         left -= TILE_ROWS, group += TILE_ROWS)
        groups++;
    return groups;
}

/*
 * Whole groups from `row` on that see the whole block, or are scored as if they did, so that
 * nothing has to be asked of them.
 */
static size_t whole_groups(const struct attend *a, const struct block *b, size_t head, size_t row,
                           size_t j, size_t keys)
{
    const size_t left = a->task->rows - row, end = b->whole_from + b->whole_rows;
    /* Where rows do not come out even, the last two groups share them. */
    const size_t full = left / TILE_ROWS - (left > TILE_ROWS && left % TILE_ROWS);

    if (b->masked)
        return groups_around(a, head, row, j, keys);
    const size_t seeing = row >= b->whole_from && end > row ? (end - row) / TILE_ROWS : 0;

    return full < seeing ? full : seeing;
}

/* The queries of the rows that come next are fetched while these are scored for the first time. */
static void fetch_queries(const float *const *q, size_t dim, size_t rows)
{
    for (size_t r = 0; r < rows; r++)
        fetch_row(q[r], dim * sizeof **q);
}

static void score_first(const float *const *q, size_t dim, const float *keys, size_t cols, float *s,
                        size_t groups)
{
    for (size_t g = 0; g < groups; g++, q += TILE_ROWS, s += TILE_ROWS * HEED_BLOCK) {
        if (g + 1 < groups)
            fetch_queries(q + TILE_ROWS, dim, TILE_ROWS);
        scores_of_groups(q, dim, keys, cols, s, HEED_BLOCK, 1);
    }
}

static void score_by_panel(struct attend *a, const struct block *b, size_t head, size_t j,
                           size_t keys, uint64_t read)
{
    const struct heed_attend_task *t = a->task;
    const size_t dim = t->qk_dim;
    const float *const *q = a->s.q + head * t->rows;
    const struct panel panel = load_panel(a, head, b->first_key + j, keys, read);
    const bool plain = panel.type == HEED_F32 && dim > 0 && vf_aligned(panel.at, TILE_COLS);
    const struct ahead ahead =
        by_steps(keys_ahead(a, head, b->first_key + j), TILE_COLS * (ptrdiff_t)heed_size(t->k_type),
                 way_of_task(t, panel.type));

    for (size_t row = 0, rows; row < t->rows; row += rows) {
        /* The first group fetches what comes next. */
        const size_t groups = plain && row ? whole_groups(a, b, head, row, j, keys) : 0;
        float *s = weights_of(a, head, row) + j;

        rows = groups ? groups * TILE_ROWS : group_rows(t->rows - row);
        if (groups) {
            if (!j && !a->s.begun[head * t->rows + row])
                score_first(q + row, dim, panel.at, keys, s, groups);
            else
                scores_of_groups(q + row, dim, panel.at, keys, s, HEED_BLOCK, groups);
            continue;
        }
        const struct group_view seen = seen_by_group(a, head, row, rows, b);

        if (seen.to <= j || seen.from >= j + keys)
            continue;
        if (row + rows < t->rows && seen.from >= j && !a->s.begun[head * t->rows + row])
            fetch_queries(q + row + rows, dim, group_rows(t->rows - row - rows));
        score_group(&panel, q + row, dim, seen.from > j ? seen.from - j : 0,
                    seen.to - j < keys ? seen.to - j : keys, s, false, row ? NULL : &ahead, rows);
    }
}

/* Keys that nobody sees, between others: their scores are numbers until they are hidden. */
static void score_gap(struct attend *a, size_t head, size_t j, size_t keys)
{
    for (size_t r = 0; r < a->task->rows; r++)
        fill(weights_of(a, head, r) + j, keys, 0.0f);
}

/* Whether masks leave one of n keys from j on to some row. */
static inline bool is_any_seen(const struct attend *a, const struct block *b, size_t j, size_t n)
{
    return !b->masked || a->any >> j & heed_bits_below(n);
}

/*
 * Scores of all rows of a head for the keys [j, end) of a block.  Panel by panel,
 * each used while it is in the first cache: 8 KiB for AVX2 and 128 dims.
 */
static void score_keys(struct attend *a, const struct block *b, size_t head, size_t j, size_t end)
{
    const uint64_t read = read_of_head(a, head, b);
    const bool all = all_bits(read, j, end - j);

    for (size_t keys; j < end; j += keys) {
        const bool direct = a->direct && end - j >= DIRECT_COLS;

        keys = direct ? DIRECT_COLS : end - j < TILE_COLS ? end - j : TILE_COLS;
        const bool seen = is_any_seen(a, b, j, keys);

        if (seen && direct && (all || all_bits(read, j, keys)))
            score_directly(a, b, head, j);
        else if (seen && (all || any_bits(read, j, keys)))
            score_by_panel(a, b, head, j, keys, read >> j & heed_bits_below(keys));
        else if (!seen || a->prefix)
            score_gap(a, head, j, keys);
    }
}

/* Keys of a head to score before the next head.  Packed keys lie head by head. */
static size_t score_step(const struct attend *a)
{
    const size_t panel = a->direct ? DIRECT_COLS : TILE_COLS;

    if (a->task->kv_heads == 1 || a->task->panels)
        return HEED_BLOCK;
    return panel > SIDE_KEYS ? panel : SIDE_KEYS;
}

/* What is left to do with scores once all of a block are there. */
static void end_scores(struct attend *a, const struct block *b)
{
    const struct heed_attend_task *t = a->task;

    if (has_scales(t))
        scale_scores(a, b);
    if (t->scale < 0.0f && !a->moved) /* weights are taken relative to the largest scaled score */
        scale_row(a->s.weights, t->kv_heads * t->rows * HEED_BLOCK, vf_set1(-1.0f));
}

static void score_block(struct attend *a, const struct block *b)
{
    const size_t step = score_step(a);

    for (size_t j = 0; j < b->keys; j += step)
        for (size_t head = 0; head < a->task->kv_heads; head++)
            score_keys(a, b, head, j, b->keys - j < step ? b->keys : j + step);
    end_scores(a, b);
}

#endif
