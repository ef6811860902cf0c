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
#include "kernels/running.h"
#include "scratch.h"

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
    bool first;          /* this block is the first of its chunk */
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

/* How many keys of the block row r sees. */
static inline size_t seen_by(const struct attend *a, size_t r, const struct block *b)
{
    const size_t limit = a->s.limit[r];

    return limit <= b->first_key            ? 0
           : limit - b->first_key < b->keys ? limit - b->first_key
                                            : b->keys;
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

static struct values load_values(struct attend *a, size_t head, const struct block *b)
{
    const struct heed_attend_task *t = a->task;
    const float *v = t->v + (ptrdiff_t)head * t->v_kv + (ptrdiff_t)b->first_key * t->v_row;

    if (t->v_dim % VF_LANES) {
        pad_rows(v, t->v_row, b->keys, t->v_dim, a->s.values, a->s.v_pad);
        return (struct values){a->s.values, (ptrdiff_t)a->s.v_pad, nothing_ahead(v)};
    }
    /* A single row alone leaves memory to the hardware, which is better at it. */
    if (t->rows == 1 || (t->kv_heads > 1 && !a->side_v))
        return (struct values){v, t->v_row, nothing_ahead(v)};

    struct ahead ahead =
        rows_ahead(t->v, t->v_row, t->v_kv, t->v_dim, head, b->first_key, a->side_v);
    if (!a->side_v)
        ahead.step = t->v_row * (ptrdiff_t)sizeof *v;
    return (struct values){v, t->v_row, ahead};
}

/* A panel of up to TILE_COLS keys: transposed into the scratch, or where it was packed. */
static const float *load_panel(struct attend *a, size_t head, size_t key, size_t keys)
{
    const struct heed_attend_task *t = a->task;

    if (t->panels)
        return t->panels + (ptrdiff_t)head * t->panels_kv + key * t->qk_dim;
    pack_panel(t->k + (ptrdiff_t)head * t->k_kv + (ptrdiff_t)key * t->k_row, t->k_row, keys,
               t->qk_dim, a->s.keys);
    return a->s.keys;
}

/* The keys to fetch while those from `key` on are scored. */
static struct ahead keys_ahead(const struct attend *a, size_t head, size_t key)
{
    const struct heed_attend_task *t = a->task;
    const ptrdiff_t dim = (ptrdiff_t)t->qk_dim;

    if (t->panels && t->rows > 1)
        return rows_ahead(t->panels, dim, t->panels_kv, t->qk_dim, head, key, false);
    if (!t->panels && (t->kv_heads == 1 ? t->k_row == dim : a->side_k))
        return rows_ahead(t->k, t->k_row, t->k_kv, t->qk_dim, head, key, a->side_k);
    return nothing_ahead(a->s.keys);
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
        const size_t next = group_end(a, g), seen = seen_by(a, next - 1, b);

        if (seen > j)
            scores_of_rows(q + row, t->qk_dim, panel, seen - j < keys ? seen - j : keys,
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
    const struct heed_attend_task *t = a->task;

    for (; a->direct && end - j >= DIRECT_COLS; j += DIRECT_COLS)
        scores_direct(a->s.q + head * t->rows, t->qk_dim,
                      t->k + (ptrdiff_t)head * t->k_kv + (ptrdiff_t)(b->first_key + j) * t->k_row,
                      t->k_row, weights_of(a, head, 0) + j, HEED_BLOCK,
                      keys_ahead(a, head, b->first_key + j), t->rows);
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
    if (t->scale < 0.0f) /* weights are taken relative to the largest scaled score */
        scale_row(a->s.weights, t->kv_heads * t->rows * HEED_BLOCK, vf_set1(-1.0f));
}

static void weigh_group(struct attend *a, const struct block *b, size_t head, size_t row,
                        size_t rows)
{
    const size_t width = seen_by(a, row + rows - 1, b), first = head * a->task->rows;

    for (size_t r = row; width && r < row + rows; r++)
        weigh_row(weights_of(a, head, r), seen_by(a, r, b), width, &a->octaves,
                  &a->s.max[first + r], a->s.sum + (first + r) * HEED_LANES, sums_of(a, head, r),
                  a->s.v_pad, a->first);
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

/*
 * Adds the weighted values of a block, or a part of it.  The keys from `shared` to
 * `width` are hidden from some rows of the group: their weight there is 0, which
 * adds nothing unless the value is infinite or NaN.  Then the rows go one by one,
 * each over the keys that it sees: the same chains, without the zeros.
 */
static void sum_group(struct attend *a, const struct block *b, const struct values *v, size_t head,
                      size_t row, size_t rows)
{
    const size_t v_pad = a->s.v_pad, vectors = heed_pad(a->task->v_dim, VF_LANES) / VF_LANES;
    const size_t shared = seen_by(a, row, b), width = seen_by(a, row + rows - 1, b);
    const size_t begin = b->first_key % HEED_BLOCK;
    const bool more = !a->first || begin;
    const float *w = weights_of(a, head, row) + begin;
    float *o = sums_of(a, head, row);

    if (!width)
        return;
    if (shared == width || values_finite(a, v, shared, width)) {
        values_of_rows(w, HEED_BLOCK, width, v->at, v->row, row ? nothing_ahead(v->at) : v->ahead,
                       o, (ptrdiff_t)v_pad, vectors, more, rows);
        return;
    }
    for (size_t r = 0; r < rows; r++)
        values_of_rows(w + r * HEED_BLOCK, HEED_BLOCK, seen_by(a, row + r, b), v->at, v->row,
                       nothing_ahead(v->at), o + r * v_pad, (ptrdiff_t)v_pad, vectors, more, 1);
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

/* Row pointers and limits.  Limits do not fall from row to row. */
static void begin_rows(struct attend *a)
{
    const struct heed_attend_task *t = a->task;

    for (size_t head = 0; head < t->kv_heads; head++) {
        struct cursor at = first_row(t);
        const size_t first = head * t->rows;

        for (size_t r = 0; r < t->rows; r++, next_row(&at)) {
            const ptrdiff_t limit = t->first_limit + at.i * t->limit_step;

            a->s.q[first + r] =
                t->q + (ptrdiff_t)head * t->q_kv + at.h * t->q_head + at.i * t->q_row;
            a->s.limit[r] = limit < 0 ? 0 : (size_t)limit < t->end_key ? (size_t)limit : t->end_key;
            a->s.total[first + r] = (struct heed_row_state){-FLT_MAX, 0.0f};
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
    else if (chunk == 0)
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
    if (chunk == 0 && !t->part_state) { /* the first one is the total so far, without a copy */
        float *const sums = a->s.chunk_o;

        a->s.chunk_o = a->s.total_o;
        a->s.total_o = sums;
    }
}

static void end_rows(struct attend *a)
{
    const struct heed_attend_task *t = a->task;

    for (size_t head = 0; head < t->kv_heads; head++) {
        const ptrdiff_t h = (ptrdiff_t)head;
        struct cursor at = first_row(t);

        for (size_t row = head * t->rows; row < (head + 1) * t->rows; row++, next_row(&at))
            finish_row(&a->s.total[row], a->s.total_o + row * a->s.v_pad, t->v_dim, t->scale,
                       t->o + h * t->o_kv + at.h * t->o_head + at.i * t->o_row,
                       t->lse ? t->lse + h * t->lse_kv + at.h * t->lse_head + at.i * t->lse_row
                              : NULL);
    }
}

static void attend_chunk(struct attend *a, size_t first_key, size_t end)
{
    for (size_t key = first_key; key < end; key += HEED_BLOCK) {
        const struct block b = {key, end - key < HEED_BLOCK ? end - key : HEED_BLOCK};

        a->first = key == first_key;
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

    return (struct attend){
        .task = t,
        .octaves = octaves_of(t->scale),
        .groups = (t->rows + TILE_ROWS - 1) / TILE_ROWS,
        .chunk_head = t->part_state ? t->part_kv : t->rows,
        .direct = t->rows <= DIRECT_ROWS && !t->panels && t->qk_dim % VF_LANES == 0,
        .side_k = heads > 1 && t->k_kv == k_dim && t->k_row == heads * k_dim,
        .side_v = heads > 1 && t->v_kv == v_dim && t->v_row == heads * v_dim,
    };
}

static void attend(const struct heed_attend_task *t)
{
    struct attend a = begin(t);

    heed_scratch_layout(&a.s, t->scratch, t->kv_heads * t->rows, t->end_key, t->qk_dim, t->v_dim);
    begin_rows(&a);

    /* Where parts are kept, the merge must find those of chunks that no row sees, too. */
    const size_t seen = a.s.limit[t->rows - 1], last = t->part_state ? t->end_key : seen;
    for (size_t key = t->first_key, chunk = 0; key < last; key += HEED_CHUNK, chunk++) {
        begin_chunk(&a, chunk);
        attend_chunk(&a, key, seen < key + HEED_CHUNK ? seen : key + HEED_CHUNK);
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
    finish_row(&total, t->part_sum, t->v_dim, t->scale, t->o, t->lse);
}

#endif
