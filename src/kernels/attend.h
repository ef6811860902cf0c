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

#include "kernels/pack.h"
#include "kernels/rules.h"

enum { SIDE_KEYS = 16 /* of a head, before the next head beside it */ };

/* What the steps of a task share. */
struct attend {
    const struct heed_attend_task *task;
    struct heed_scratch s;
    struct octaves octaves;
    size_t groups;       /* of up to TILE_ROWS rows */
    size_t chunk_head;   /* rows of sums from KV head to KV head in s.chunk_o */
    bool direct;         /* few rows: no panels in memory */
    bool side_k, side_v; /* the heads of the task fill the rows of k, of v */
    size_t prefix;       /* keys before it are seen by all rows */
    bool selective;      /* rules may hide single keys, whose values must not count */
    bool ragged_begin;   /* rows begin to see at different blocks: sums begin with zeros */
    bool merged;         /* some chunk is in s.total */
    bool first;          /* this block is the first of its chunk for all rows: sums begin here */
};

/* One block of keys, or a part of it. */
struct block {
    size_t first_key, keys;
};

/* The values of a block ready for the tiles, and those that come next. */
struct values {
    const float *at;
    ptrdiff_t row;
    struct ahead ahead;
};

/* One past the last row of a group.  Evenly: five and four rows, not six and three. */
static inline size_t group_end(const struct attend *a, size_t group)
{
    return a->task->rows * (group + 1) / a->groups;
}

/* Keys of a block, counted from its first: [from, to) without [hole, hole_end). */
struct seen {
    size_t from, to, hole, hole_end;
};

/* A position among all keys, counted from the first of the block. */
static inline size_t in_block(size_t key, const struct block *b)
{
    return key <= b->first_key ? 0 : key - b->first_key < b->keys ? key - b->first_key : b->keys;
}

/* The keys of the block that row r sees. */
static inline struct seen seen_by(const struct attend *a, size_t r, const struct block *b)
{
    const struct heed_range range = a->s.sees[r];
    const size_t from = in_block(range.begin, b), to = in_block(range.end, b);
    const size_t prefix = a->prefix ? in_block(a->prefix, b) : 0;

    if (!prefix)
        return (struct seen){from, to, 0, 0};
    if (from >= to)
        return (struct seen){0, prefix, 0, 0};
    if (from <= prefix)
        return (struct seen){0, to > prefix ? to : prefix, 0, 0};
    return (struct seen){0, to, prefix, from};
}

/* The keys that some row of a group sees, and within them those that all rows see. */
struct group_view {
    size_t from, to, all_from, all_to;
};

/* Whether some of these rows sees the block, as far as lists of blocks go. */
static bool block_is_seen(const struct attend *a, size_t head, size_t row, size_t rows,
                          const struct block *b)
{
    const struct heed_attend_task *t = a->task;

    if (!t->rules || !t->rules->blocks.data)
        return true;
    for (size_t r = row; r < row + rows; r++)
        if (row_sees_block(t->rules, &a->s.rules[head * t->rows + r], b->first_key))
            return true;
    return false;
}

static inline struct group_view seen_by_group(const struct attend *a, size_t head, size_t row,
                                              size_t rows, const struct block *b)
{
    const struct heed_range first = a->s.sees[row], last = a->s.sees[row + rows - 1];
    const size_t prefix = a->prefix ? in_block(a->prefix, b) : 0;
    struct group_view v = {in_block(first.begin, b), in_block(last.end, b), in_block(last.begin, b),
                           in_block(first.end, b)};

    if (prefix) {
        v.from = 0;
        v.to = v.to > prefix ? v.to : prefix;
    }
    if (v.from >= v.to || !block_is_seen(a, head, row, rows, b))
        return (struct group_view){0, 0, 0, 0};
    if (a->selective || prefix || v.all_from > v.all_to)
        v.all_from = v.all_to = v.from; /* not worth telling apart */
    return v;
}

static inline float *weights_of(const struct attend *a, size_t head, size_t row)
{
    return a->s.weights + (head * a->task->rows + row) * HEED_BLOCK;
}

static inline float *sums_of(const struct attend *a, size_t head, size_t row)
{
    return a->s.chunk_o + (head * a->chunk_head + row) * a->s.v_pad;
}

/*
 * What comes after row `key` of head `head` in the order of memory: the same keys of
 * the next block; or a share of the next keys of all heads, where these fill the rows.
 */
static struct ahead rows_ahead(const float *x, ptrdiff_t x_row, ptrdiff_t x_kv, size_t dim,
                               size_t head, size_t key, bool side)
{
    const ptrdiff_t keys = side ? SIDE_KEYS : HEED_BLOCK, row = (ptrdiff_t)dim;
    const ptrdiff_t at = ((ptrdiff_t)key + keys) * x_row;
    const ptrdiff_t share = (ptrdiff_t)head * (side ? SIDE_KEYS * row : x_kv);

    return (struct ahead){(const char *)(x + at + share), row * (ptrdiff_t)sizeof *x};
}

/* How many of the n rows from `row` on stand one behind the other. */
static inline size_t rows_together(const struct heed_attend_task *t, size_t row, size_t n)
{
    const size_t left = t->pages ? t->page_rows - row % t->page_rows : n;

    return left < n ? left : n;
}

/* Where a row stands: in the tensor, or in a page. */
static inline ptrdiff_t row_offset(const struct heed_attend_task *t, size_t row, ptrdiff_t row_step,
                                   ptrdiff_t page_step)
{
    if (!t->pages)
        return (ptrdiff_t)row * row_step;
    return t->pages[row / t->page_rows] * page_step + (ptrdiff_t)(row % t->page_rows) * row_step;
}

static void copy_values(struct attend *a, const float *v, const struct block *b)
{
    const struct heed_attend_task *t = a->task;

    for (size_t j = 0; j < b->keys;) {
        const size_t row = b->first_key + j, n = rows_together(t, row, b->keys - j);

        pad_rows(v + row_offset(t, row, t->v_row, t->v_page), t->v_row, n, t->v_dim,
                 a->s.values + j * a->s.v_pad, a->s.v_pad);
        j += n;
    }
}

/* What comes after the values of a block. */
static struct ahead values_ahead(const struct attend *a, size_t head, const struct block *b)
{
    const struct heed_attend_task *t = a->task;
    struct ahead ahead;

    /* A single row alone leaves memory to the hardware, which is better at it. */
    if (t->rows == 1 || t->pages || (t->kv_heads > 1 && !a->side_v))
        return nothing_ahead(t->v);
    ahead = rows_ahead(t->v, t->v_row, t->v_kv, t->v_dim, head, b->first_key, a->side_v);
    if (!a->side_v)
        ahead.step = t->v_row * (ptrdiff_t)sizeof *t->v;
    return ahead;
}

static struct values load_values(struct attend *a, size_t head, const struct block *b)
{
    const struct heed_attend_task *t = a->task;
    const float *v = t->v + (ptrdiff_t)head * t->v_kv;

    if (t->v_dim % VF_LANES || rows_together(t, b->first_key, b->keys) < b->keys) {
        copy_values(a, v, b);
        return (struct values){a->s.values, (ptrdiff_t)a->s.v_pad, nothing_ahead(v)};
    }
    return (struct values){v + row_offset(t, b->first_key, t->v_row, t->v_page), t->v_row,
                           values_ahead(a, head, b)};
}

/* Rows [key, key + n) of the keys, copied together where they stand apart. */
static const float *key_rows(struct attend *a, size_t head, size_t key, size_t n, ptrdiff_t *step)
{
    const struct heed_attend_task *t = a->task;
    const float *k = t->k + (ptrdiff_t)head * t->k_kv;

    *step = t->k_row;
    if (rows_together(t, key, n) == n)
        return k + row_offset(t, key, t->k_row, t->k_page);
    *step = (ptrdiff_t)t->qk_dim;
    for (size_t j = 0; j < n; j++)
        memcpy(a->s.key_rows + j * t->qk_dim, k + row_offset(t, key + j, t->k_row, t->k_page),
               t->qk_dim * sizeof *k);
    return a->s.key_rows;
}

/* A panel of up to TILE_COLS keys: transposed into the scratch, or where it was packed. */
static const float *load_panel(struct attend *a, size_t head, size_t key, size_t keys)
{
    const struct heed_attend_task *t = a->task;
    ptrdiff_t step;

    if (t->panels)
        return t->panels + (ptrdiff_t)head * t->panels_kv + key * t->qk_dim;

    const float *k = key_rows(a, head, key, keys, &step);
    pack_panel(k, step, keys, t->qk_dim, a->s.keys);
    return a->s.keys;
}

/* The keys to fetch while those from `key` on are scored. */
static struct ahead keys_ahead(const struct attend *a, size_t head, size_t key)
{
    const struct heed_attend_task *t = a->task;
    const ptrdiff_t dim = (ptrdiff_t)t->qk_dim;

    if (t->panels && t->rows > 1)
        return rows_ahead(t->panels, dim, t->panels_kv, t->qk_dim, head, key, false);
    if (!t->panels && !t->pages && (t->kv_heads == 1 ? t->k_row == dim : a->side_k))
        return rows_ahead(t->k, t->k_row, t->k_kv, t->qk_dim, head, key, a->side_k);
    return nothing_ahead(a->s.keys);
}

/* The same without a panel, for few rows: keys [j, j + DIRECT_COLS) of the block. */
static void score_directly(struct attend *a, const struct block *b, size_t head, size_t j)
{
    const struct heed_attend_task *t = a->task;
    ptrdiff_t step;
    const float *k = key_rows(a, head, b->first_key + j, DIRECT_COLS, &step);

    scores_direct(a->s.q + head * t->rows, t->qk_dim, k, step, weights_of(a, head, 0) + j,
                  HEED_BLOCK, keys_ahead(a, head, b->first_key + j), t->rows);
}

static void score_by_panel(struct attend *a, const struct block *b, size_t head, size_t j,
                           size_t keys)
{
    const struct heed_attend_task *t = a->task;
    const float *const *q = a->s.q + head * t->rows,
                       *panel = load_panel(a, head, b->first_key + j, keys);
    struct ahead ahead = keys_ahead(a, head, b->first_key + j);

    if (ahead.step)
        ahead.step = TILE_COLS * (ptrdiff_t)sizeof *panel;
    for (size_t g = 0, row = 0; g < a->groups; g++) {
        const size_t next = group_end(a, g);
        const struct group_view seen = seen_by_group(a, head, row, next - row, b);

        if (seen.to > j && seen.from < j + keys)
            scores_of_rows(q + row, t->qk_dim, panel, seen.to - j < keys ? seen.to - j : keys,
                           weights_of(a, head, row) + j, HEED_BLOCK, false,
                           row ? nothing_ahead(panel) : ahead, next - row);
        row = next;
    }
}

/*
 * Scores of all rows of a head for the keys [j, end) of a block.  Panel by panel,
 * each used while it is in the first cache: 8 KiB for AVX2 and 128 dims.
 */
static void score_keys(struct attend *a, const struct block *b, size_t head, size_t j, size_t end)
{
    for (; a->direct && end - j >= DIRECT_COLS; j += DIRECT_COLS)
        score_directly(a, b, head, j);
    for (; j < end; j += TILE_COLS)
        score_by_panel(a, b, head, j, end - j < TILE_COLS ? end - j : TILE_COLS);
}

/* Keys of a head to score before the next head.  Packed keys lie head by head. */
static size_t score_step(const struct attend *a)
{
    const size_t panel = a->direct ? DIRECT_COLS : TILE_COLS;

    if (a->task->kv_heads == 1 || a->task->panels)
        return HEED_BLOCK;
    return panel > SIDE_KEYS ? panel : SIDE_KEYS;
}

static void score_block(struct attend *a, const struct block *b)
{
    const struct heed_attend_task *t = a->task;
    const size_t step = score_step(a);

    for (size_t j = 0; j < b->keys; j += step)
        for (size_t head = 0; head < t->kv_heads; head++)
            score_keys(a, b, head, j, b->keys - j < step ? b->keys : j + step);
    if (t->scale < 0.0f && !t->rules) /* weights are taken relative to the largest scaled score */
        scale_row(a->s.weights, t->kv_heads * t->rows * HEED_BLOCK, vf_set1(-1.0f));
}

/* Weights of the keys that some row of the group sees; those of keys that a row does not see are 0.
 */
static void weigh_group(struct attend *a, const struct block *b, size_t head, size_t row,
                        size_t rows)
{
    const struct group_view any = seen_by_group(a, head, row, rows, b);
    const struct heed_attend_task *t = a->task;
    const size_t first = head * t->rows;

    for (size_t r = row; any.to && r < row + rows; r++) {
        const struct seen seen = seen_by(a, r, b);
        float *const s = weights_of(a, head, r);
        const size_t from = seen.from / VF_LANES * VF_LANES;

        if (t->rules && seen.from < seen.to)
            apply_rules(t->rules, &a->s.rules[first + r], t->scale, s + from, b->first_key + from,
                        seen.to - from);
        if (seen.hole < seen.hole_end)
            fill(s + seen.hole, seen.hole_end - seen.hole, -INFINITY);
        weigh_row(s, (struct span){seen.from, seen.to}, (struct span){any.from, any.to},
                  &a->octaves, &a->s.max[first + r], a->s.sum + (first + r) * HEED_LANES,
                  sums_of(a, head, r), a->s.v_pad, a->first);
    }
}

static bool values_finite(const struct attend *a, const struct values *v, size_t from, size_t to)
{
    for (size_t j = from; j < to; j++) {
        const float *row = v->at + (ptrdiff_t)j * v->row;

        for (size_t d = 0; d < heed_pad(a->task->v_dim, VF_LANES); d += VF_LANES)
            if (!vf_all_finite(vf_load(row + d)))
                return false;
    }
    return true;
}

/* The values of keys [from, to), for `rows` rows. */
static void sum_keys(struct attend *a, const struct values *v, const float *w, size_t from,
                     size_t to, struct ahead ahead, float *o, bool more, size_t rows)
{
    const size_t v_pad = a->s.v_pad, vectors = heed_pad(a->task->v_dim, VF_LANES) / VF_LANES;

    values_of_rows(w + from, HEED_BLOCK, to - from, v->at + (ptrdiff_t)from * v->row, v->row, ahead,
                   o, (ptrdiff_t)v_pad, vectors, more, rows);
}

/* Whether a row sees key j: where single keys are hidden, those have no weight. */
static inline bool sees_key(const struct attend *a, const struct seen *seen, const float *w,
                            size_t j)
{
    return (j < seen->hole || j >= seen->hole_end) && (!a->selective || w[j] != 0.0f);
}

/* One row over the keys that it sees, one run of them after the other. */
static void sum_row(struct attend *a, const struct values *v, const float *w, struct seen seen,
                    float *o, bool more)
{
    size_t j = seen.from;

    if (!more)
        fill(o, a->s.v_pad, 0.0f);
    while (j < seen.to) {
        const size_t from = j;

        while (j < seen.to && sees_key(a, &seen, w, j))
            j++;
        if (from < j)
            sum_keys(a, v, w, from, j, nothing_ahead(v->at), o, true, 1);
        else
            j++;
    }
}

/*
 * Adds the weighted values of a block, or a part of it.  Keys that are hidden from
 * some rows of the group have a weight of 0 there, which adds nothing unless the
 * value is infinite or NaN.  Then the rows go one by one, each over the keys that
 * it sees: the same chains, without the zeros.
 */
static void sum_group(struct attend *a, const struct block *b, const struct values *v, size_t head,
                      size_t row, size_t rows)
{
    const struct group_view seen = seen_by_group(a, head, row, rows, b);
    const size_t begin = b->first_key % HEED_BLOCK;
    const bool more = !a->first || begin;
    const float *w = weights_of(a, head, row) + begin;
    float *o = sums_of(a, head, row);

    if (!seen.to)
        return;
    if (values_finite(a, v, seen.from, seen.all_from) &&
        values_finite(a, v, seen.all_to, seen.to)) {
        sum_keys(a, v, w, seen.from, seen.to, row ? nothing_ahead(v->at) : v->ahead, o, more, rows);
        return;
    }
    for (size_t r = 0; r < rows; r++)
        sum_row(a, v, w + r * HEED_BLOCK, seen_by(a, row + r, b), o + r * a->s.v_pad, more);
}

/* The weights of a group of rows are used while they are in the first cache. */
static void weigh_block(struct attend *a, const struct block *b)
{
    const struct values v = load_values(a, 0, b);

    for (size_t g = 0, row = 0; g < a->groups; g++) {
        const size_t next = group_end(a, g);

        weigh_group(a, b, 0, row, next - row);
        sum_group(a, b, &v, 0, row, next - row);
        row = next;
    }
}

static void sum_side_by_side(struct attend *a, const struct block *part)
{
    for (size_t head = 0; head < a->task->kv_heads; head++) {
        const struct values v = load_values(a, head, part);

        for (size_t g = 0, row = 0; g < a->groups; row = group_end(a, g++))
            sum_group(a, part, &v, head, row, group_end(a, g) - row);
    }
}

/* The same for heads side by side. */
static void weigh_side_by_side(struct attend *a, const struct block *b)
{
    for (size_t head = 0; head < a->task->kv_heads; head++)
        for (size_t g = 0, row = 0; g < a->groups; row = group_end(a, g++))
            weigh_group(a, b, head, row, group_end(a, g) - row);
    for (size_t j = 0; j < b->keys; j += SIDE_KEYS) {
        const size_t left = b->keys - j;

        sum_side_by_side(a, &(struct block){b->first_key + j, left < SIDE_KEYS ? left : SIDE_KEYS});
    }
}

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

/* Row pointers, and what rows see.  Neither bound of that falls from row to row. */
static void begin_rows(struct attend *a)
{
    const struct heed_attend_task *t = a->task;

    for (size_t head = 0; head < t->kv_heads; head++) {
        struct cursor at = first_row(t);
        const size_t first = head * t->rows;

        for (size_t r = 0; r < t->rows; r++, next_row(&at)) {
            struct heed_range sees = heed_sees(&t->sight, (size_t)at.i);

            a->s.q[first + r] =
                t->q + (ptrdiff_t)head * t->q_kv + at.h * t->q_head + at.i * t->q_row;
            sees.end = sees.end < t->end_key ? sees.end : t->end_key;
            a->s.sees[r] = sees;
            a->s.total[first + r] = (struct heed_row_state){-FLT_MAX, 0.0f};
            if (t->rules)
                a->s.rules[first + r] =
                    rules_of_row(t, t->first_q_head + head * t->group + (size_t)at.h, (size_t)at.i);
        }
    }
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
                       t->o + h * t->o_kv + at.h * t->o_head + at.i * t->o_row,
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

static bool any_block_seen(const struct attend *a, const struct block *b)
{
    for (size_t head = 0; head < a->task->kv_heads; head++)
        if (block_is_seen(a, head, 0, a->task->rows, b))
            return true;
    return false;
}

static void attend_chunk(struct attend *a, size_t first_key, size_t end)
{
    for (size_t key = first_key; key < end; key += HEED_BLOCK) {
        const struct block b = {key, end - key < HEED_BLOCK ? end - key : HEED_BLOCK};

        if (!is_seen(a, key, key + b.keys) || !any_block_seen(a, &b))
            continue;
        a->first = key == first_key && !a->ragged_begin;
        score_block(a, &b);
        if (a->task->kv_heads == 1)
            weigh_block(a, &b);
        else
            weigh_side_by_side(a, &b);
    }
}

static struct attend begin(const struct heed_attend_task *t)
{
    const ptrdiff_t heads = (ptrdiff_t)t->kv_heads, k_dim = (ptrdiff_t)t->qk_dim;
    const ptrdiff_t v_dim = (ptrdiff_t)t->v_dim;
    const size_t prefix = (size_t)t->sight.prefix;
    const bool hides =
        t->rules && (t->rules->bias.data || t->rules->visible.data || t->rules->blocks.data);

    return (struct attend){
        .task = t,
        .octaves = octaves_of(softmax_scale(t)),
        .groups = (t->rows + TILE_ROWS - 1) / TILE_ROWS,
        .chunk_head = t->part_state ? t->part_kv : t->rows,
        .direct = t->rows <= DIRECT_ROWS && !t->panels && t->qk_dim % VF_LANES == 0,
        .side_k = !t->pages && heads > 1 && t->k_kv == k_dim && t->k_row == heads * k_dim,
        .side_v = !t->pages && heads > 1 && t->v_kv == v_dim && t->v_row == heads * v_dim,
        .prefix = prefix < t->end_key ? prefix : t->end_key,
        .selective = hides,
        .ragged_begin = t->sight.left || t->sight.chunk || (hides && t->rules->blocks.data),
    };
}

static void attend(const struct heed_attend_task *t)
{
    struct attend a = begin(t);

    heed_scratch_layout(&a.s, t->scratch, t->kv_heads * t->rows, t->end_key, t->qk_dim, t->v_dim,
                        t->pages != NULL);
    begin_rows(&a);

    const size_t end_of_rows = a.s.sees[t->rows - 1].end;
    const size_t seen = end_of_rows > a.prefix ? end_of_rows : a.prefix;
    for (size_t key = t->first_key, chunk = 0; key < t->end_key; key += HEED_CHUNK, chunk++) {
        const size_t end = seen < key + HEED_CHUNK ? seen : key + HEED_CHUNK;

        /* Where parts are kept, the merge must find those of chunks that no row sees, too. */
        if (!t->part_state && !is_seen(&a, key, key + HEED_CHUNK))
            continue;
        begin_chunk(&a, chunk);
        attend_chunk(&a, key, end);
        end_chunk(&a, chunk);
    }
    if (!t->part_state)
        end_rows(&a);
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
    finish_row(&total, t->part_sum, t->v_dim, t->scale, t->sink, t->o, t->lse);
}

#endif
