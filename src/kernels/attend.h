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
 * A row's bits depend on its own query and keys alone: blocks and chunks stand at
 * absolute positions, and every number is one chain of FMAs (tile.h).
 */
#ifndef HEED_KERNELS_ATTEND_H
#define HEED_KERNELS_ATTEND_H

#include "kernels/pack.h"
#include "kernels/running.h"
#include "scratch.h"

/* What the steps of a task share. */
struct attend {
    const struct heed_attend_task *task;
    struct heed_scratch s;
    struct octaves octaves;
    size_t groups; /* of up to TILE_ROWS rows */
    bool first;    /* this block is the first of its chunk */
};

/* One block of keys, and its values ready for the tiles. */
struct block {
    size_t first_key, keys;
    const float *values, *next_values; /* next: of the block after this; NULL if not worth it */
    ptrdiff_t v_row;
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

static struct block load_values(struct attend *a, size_t first_key, size_t keys)
{
    const struct heed_attend_task *t = a->task;
    const float *v = t->v + (ptrdiff_t)first_key * t->v_row;

    if (t->v_dim % VF_LANES == 0)
        return (struct block){first_key, keys, v, v + HEED_BLOCK * t->v_row, t->v_row};
    pad_rows(v, t->v_row, keys, t->v_dim, a->s.values, a->s.v_pad);
    return (struct block){first_key, keys, a->s.values, NULL, (ptrdiff_t)a->s.v_pad};
}

/* A panel of up to TILE_COLS keys: transposed into the scratch, or where it was packed. */
static const float *load_panel(struct attend *a, size_t key, size_t keys)
{
    const struct heed_attend_task *t = a->task;

    if (t->panels)
        return t->panels + key * t->qk_dim;
    pack_panel(t->k + (ptrdiff_t)key * t->k_row, t->k_row, keys, t->qk_dim, a->s.keys);
    return a->s.keys;
}

/* The keys of the same panel in the next block, where they stand one behind the other. */
static struct ahead keys_ahead(const struct attend *a, size_t key)
{
    const struct heed_attend_task *t = a->task;
    const ptrdiff_t at = (ptrdiff_t)(key + HEED_BLOCK) * (ptrdiff_t)t->qk_dim;
    const float *keys = t->panels ? t->panels : t->k;

    if (!t->panels && t->k_row != (ptrdiff_t)t->qk_dim)
        return nothing_ahead(a->s.keys);
    return (struct ahead){(const char *)(keys + at), TILE_COLS * (ptrdiff_t)sizeof *keys};
}

/* Few rows and a whole panel of natural keys. */
static bool direct(const struct attend *a, size_t keys)
{
    const struct heed_attend_task *t = a->task;

    return t->rows <= DIRECT_ROWS && a->groups == 1 && !t->panels && keys >= TILE_COLS &&
           t->qk_dim % VF_LANES == 0;
}

/*
 * Scores of all rows.  Panel by panel, each used while it is in the first cache:
 * 8 KiB for AVX2 and 128 dims.
 */
static void score_block(struct attend *a, const struct block *b)
{
    const struct heed_attend_task *t = a->task;

    for (size_t j = 0; j < b->keys; j += TILE_COLS) {
        if (direct(a, b->keys - j)) {
            scores_direct(a->s.q, t->qk_dim, t->k + (ptrdiff_t)(b->first_key + j) * t->k_row,
                          t->k_row, a->s.weights + j, HEED_BLOCK, keys_ahead(a, b->first_key + j),
                          t->rows);
            continue;
        }
        const float *panel = load_panel(a, b->first_key + j, b->keys - j);
        const struct ahead ahead = keys_ahead(a, b->first_key + j);

        for (size_t g = 0, row = 0; g < a->groups; g++) {
            const size_t next = group_end(a, g), seen = seen_by(a, next - 1, b);

            if (seen > j)
                scores_of_rows(a->s.q + row, t->qk_dim, panel, seen - j,
                               a->s.weights + row * HEED_BLOCK + j, HEED_BLOCK, false,
                               row || t->rows == 1 ? nothing_ahead(panel) : ahead, next - row);
            row = next;
        }
    }
    if (t->scale < 0.0f) /* weights are taken relative to the largest scaled score */
        scale_row(a->s.weights, t->rows * HEED_BLOCK, vf_set1(-1.0f));
}

static void weigh_group(struct attend *a, const struct block *b, size_t row, size_t rows,
                        size_t width)
{
    for (size_t r = row; r < row + rows; r++)
        weigh_row(a->s.weights + r * HEED_BLOCK, seen_by(a, r, b), width, &a->octaves, &a->s.max[r],
                  a->s.sum + r * HEED_LANES, a->s.chunk_o + r * a->s.v_pad, a->s.v_pad, a->first);
}

static bool values_finite(const struct attend *a, const struct block *b, size_t from, size_t to)
{
    for (size_t j = from; j < to; j++) {
        const float *v = b->values + (ptrdiff_t)j * b->v_row;

        for (size_t d = 0; d < heed_pad(a->task->v_dim, VF_LANES); d += VF_LANES)
            if (!vf_all_finite(vf_load(v + d)))
                return false;
    }
    return true;
}

/*
 * Adds the weighted values of the block.  The keys from `shared` to `width` are
 * hidden from some rows of the group: their weight there is 0, which adds nothing
 * unless the value is infinite or NaN.  Then the rows go one by one, each over
 * the keys that it sees: the same chains, without the zeros.
 */
static void sum_group(struct attend *a, const struct block *b, size_t row, size_t rows,
                      size_t shared, size_t width)
{
    const size_t v_pad = a->s.v_pad, vectors = heed_pad(a->task->v_dim, VF_LANES) / VF_LANES;
    const float *w = a->s.weights + row * HEED_BLOCK;
    float *o = a->s.chunk_o + row * v_pad;

    if (shared == width || values_finite(a, b, shared, width)) {
        values_of_rows(w, HEED_BLOCK, width, b->values, b->v_row,
                       row || a->task->rows == 1 ? NULL : b->next_values, o, (ptrdiff_t)v_pad,
                       vectors, !a->first, rows);
        return;
    }
    for (size_t r = 0; r < rows; r++)
        values_of_rows(w + r * HEED_BLOCK, HEED_BLOCK, seen_by(a, row + r, b), b->values, b->v_row,
                       NULL, o + r * v_pad, (ptrdiff_t)v_pad, vectors, !a->first, 1);
}

static void attend_block(struct attend *a, const struct block *b)
{
    score_block(a, b);
    for (size_t g = 0, row = 0; g < a->groups; g++) {
        const size_t next = group_end(a, g);
        const size_t shared = seen_by(a, row, b), width = seen_by(a, next - 1, b);

        if (width) {
            weigh_group(a, b, row, next - row, width);
            sum_group(a, b, row, next - row, shared, width);
        }
        row = next;
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
    struct cursor at = first_row(t);

    for (size_t r = 0; r < t->rows; r++, next_row(&at)) {
        const ptrdiff_t limit = t->first_limit + at.i * t->limit_step;

        a->s.q[r] = t->q + at.h * t->q_head + at.i * t->q_row;
        a->s.limit[r] = limit < 0 ? 0 : (size_t)limit < t->end_key ? (size_t)limit : t->end_key;
        a->s.total[r] = (struct heed_row_state){-FLT_MAX, 0.0f};
    }
}

static void begin_chunk(struct attend *a, size_t chunk)
{
    const struct heed_attend_task *t = a->task;

    if (t->part_state)
        a->s.chunk_o = t->part_sum + chunk * t->rows * a->s.v_pad;
    for (size_t r = 0; r < t->rows; r++) {
        a->s.max[r] = -FLT_MAX;
        vf_store(a->s.sum + r * HEED_LANES, vf_zero());
    }
}

static void end_chunk(struct attend *a, size_t chunk)
{
    const struct heed_attend_task *t = a->task;
    struct heed_row_state *state = t->part_state ? t->part_state + chunk * t->rows : a->s.total;
    const size_t v_pad = a->s.v_pad;

    for (size_t r = 0; r < t->rows; r++) {
        const struct heed_row_state part = {a->s.max[r],
                                            vf_reduce_add(vf_load(a->s.sum + r * HEED_LANES))};

        if (t->part_state || chunk == 0)
            state[r] = part;
        else
            merge_state(&state[r], a->s.total_o + r * v_pad, &part, a->s.chunk_o + r * v_pad, v_pad,
                        &a->octaves);
    }
    if (chunk == 0 && !t->part_state) { /* the first one is the total so far, without a copy */
        float *const sums = a->s.chunk_o;

        a->s.chunk_o = a->s.total_o;
        a->s.total_o = sums;
    }
}

static void end_rows(struct attend *a)
{
    const struct heed_attend_task *t = a->task;
    struct cursor at = first_row(t);

    for (size_t r = 0; r < t->rows; r++, next_row(&at))
        finish_row(&a->s.total[r], a->s.total_o + r * a->s.v_pad, t->v_dim, t->scale,
                   t->o + at.h * t->o_head + at.i * t->o_row,
                   t->lse ? t->lse + at.h * t->lse_head + at.i * t->lse_row : NULL);
}

static void attend_chunk(struct attend *a, size_t first_key, size_t end)
{
    for (size_t key = first_key; key < end; key += HEED_BLOCK) {
        const size_t keys = end - key < HEED_BLOCK ? end - key : HEED_BLOCK;
        const struct block b = load_values(a, key, keys);

        a->first = key == first_key;
        attend_block(a, &b);
    }
}

static void attend(const struct heed_attend_task *t)
{
    struct attend a = {.task = t,
                       .octaves = octaves_of(t->scale),
                       .groups = (t->rows + TILE_ROWS - 1) / TILE_ROWS};

    heed_scratch_layout(&a.s, t->scratch, t->rows, t->end_key, t->qk_dim, t->v_dim);
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
