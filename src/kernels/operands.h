/* SPDX-License-Identifier: MIT */
/*
 * operands.h - the keys and values of a block: in place, from pages, transposed, padded;
 * and what to fetch while they are used.
 */
#ifndef HEED_KERNELS_OPERANDS_H
#define HEED_KERNELS_OPERANDS_H

#include "kernels/block.h"
#include "kernels/pack.h"

/* The values of a block ready for the tiles, and those that come next. */
struct values {
    const void *at; /* of key `first` of the block: those before it are not read */
    ptrdiff_t row;
    heed_dtype type;
    size_t first;
    struct ahead ahead;
};

static inline const void *row_of_values(const struct values *v, size_t j)
{
    return heed_after(v->at, ((ptrdiff_t)j - (ptrdiff_t)v->first) * v->row, v->type);
}

/*
 * What comes after row `key` of head `head` in the order of memory: the same keys of
 * the next block; or a share of the next keys of all heads, where these fill the rows.
 */
INLINE struct ahead rows_ahead(heed_dtype type, const void *x, ptrdiff_t x_row, ptrdiff_t x_kv,
                               size_t dim, size_t head, size_t key, bool side, bool near)
{
    const ptrdiff_t keys = side ? SIDE_KEYS : near ? NEAR_KEYS : HEED_BLOCK, row = (ptrdiff_t)dim;
    const ptrdiff_t at = ((ptrdiff_t)key + keys) * x_row;
    const ptrdiff_t share = (ptrdiff_t)head * (side ? SIDE_KEYS * row : x_kv);

    return (struct ahead){heed_after(x, at + share, type), NULL, row * (ptrdiff_t)heed_size(type)};
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

/* Whether the tiles can read n values where they stand, from row `row` on at v. */
static bool values_in_place(const struct heed_attend_task *t, size_t row, size_t n, const void *v)
{
    return (t->v_type == HEED_F32 || widens_in_registers(t, t->v_type)) &&
           t->v_dim % VF_LANES == 0 && rows_together(t, row, n) == n &&
           rows_finite(t->v_type, v, t->v_row, n, t->v_dim);
}

/* Whether keys and values take the same bytes, row behind row, and are used where they stand. */
static bool fetches_both(const struct heed_attend_task *t, bool direct)
{
    const size_t k_bytes = t->qk_dim * heed_size(t->k_type);
    const size_t v_bytes = t->v_dim * heed_size(t->v_type);

    return t->kv_heads == 1 && k_bytes == v_bytes && t->v_row == (ptrdiff_t)t->v_dim &&
           (t->panels || t->k_row == (ptrdiff_t)t->qk_dim) &&
           (t->panels || t->k_type == HEED_F32 || direct) &&
           way_of_task(t, t->k_type) == BY_TURNS && way_of_task(t, t->v_type) == BY_TURNS;
}

/* Rows of keys and of values, from `row` on, by turns. */
INLINE struct ahead both_ahead(const struct attend *a, size_t row)
{
    const struct heed_attend_task *t = a->task;
    const void *k, *v;

    if (t->pages && !is_key_seen(a, row)) /* the number of its page would be read */
        return nothing_ahead(a->s.weights);
    k = t->panels ? heed_after(t->panels, (ptrdiff_t)(row * t->qk_dim), t->k_type)
                  : heed_after(t->k, row_offset(t, row, t->k_row, t->k_page), t->k_type);
    v = heed_after(t->v, row_offset(t, row, t->v_row, t->v_page), t->v_type);
    return (struct ahead){k, v, t->v_row * (ptrdiff_t)heed_size(t->v_type)};
}

/* Zeros for values that are not read: tiles that begin before them multiply them by 0. */
static void copy_values(struct attend *a, size_t head, const struct block *b, uint64_t read)
{
    const struct heed_attend_task *t = a->task;
    const void *v = heed_after(t->v, (ptrdiff_t)head * t->v_kv, t->v_type);
    const size_t v_pad = a->s.v_pad;

    for (size_t j = 0; j < b->keys;) {
        const struct run run = next_run(read, j, b->keys);
        const size_t row = b->first_key + run.from, n = rows_together(t, row, run.to - run.from);

        if (run.from > j)
            memset(a->s.values + j * v_pad, 0, (run.from - j) * v_pad * sizeof *a->s.values);
        j = run.from + n;
        if (n)
            copy_rows(t->v_type, heed_after(v, row_offset(t, row, t->v_row, t->v_page), t->v_type),
                      t->v_row, n, t->v_dim, a->s.values + run.from * v_pad, v_pad);
    }
}

/* What to fetch while the values of a block are summed: half of the next block, or its values. */
INLINE struct ahead values_ahead(const struct attend *a, size_t head, const struct block *b)
{
    const struct heed_attend_task *t = a->task;
    struct ahead ahead;

    if (a->both) /* the second half; the first is fetched with the scores */
        return both_ahead(a, b->first_key + HEED_BLOCK * 3 / 2);
    /* A single row alone leaves memory to the hardware, which is better at it. */
    if (t->rows == 1 || t->pages || (t->kv_heads > 1 && !a->side_v))
        return nothing_ahead(a->s.weights);
    ahead = rows_ahead(t->v_type, t->v, t->v_row, t->v_kv, t->v_dim, head, b->first_key, a->side_v,
                       t->rows <= FEW_ROWS && way_of_task(t, t->v_type) == NEAR);
    if (!a->side_v)
        ahead.step = t->v_row * (ptrdiff_t)heed_size(t->v_type);
    return ahead;
}

static struct values load_values(struct attend *a, size_t head, const struct block *b)
{
    const struct heed_attend_task *t = a->task;
    const uint64_t read = read_of_head(a, head, b);
    const struct run run = next_run(read, 0, b->keys);
    const size_t row = b->first_key + run.from, n = run.to - run.from;

    if (n && next_run(read, run.to, b->keys).from == b->keys) {
        const ptrdiff_t at = (ptrdiff_t)head * t->v_kv + row_offset(t, row, t->v_row, t->v_page);
        const void *v = heed_after(t->v, at, t->v_type);

        if (values_in_place(t, row, n, v))
            return (struct values){v, t->v_row, t->v_type, run.from, values_ahead(a, head, b)};
    }
    if (n)
        copy_values(a, head, b, read);
    return (struct values){a->s.values, (ptrdiff_t)a->s.v_pad, HEED_F32, 0,
                           nothing_ahead(a->s.weights)};
}

/*
 * Rows [key, key + n) of the keys, copied together where they stand apart or are no f32: those
 * that are `read`, of which there are some.
 */
static const float *key_rows(struct attend *a, size_t head, size_t key, size_t n, uint64_t read,
                             ptrdiff_t *step)
{
    const struct heed_attend_task *t = a->task;
    const void *k = heed_after(t->k, (ptrdiff_t)head * t->k_kv, t->k_type);

    *step = t->k_row;
    if (t->k_type == HEED_F32 && rows_together(t, key, n) == n)
        return heed_after(k, row_offset(t, key, t->k_row, t->k_page), t->k_type);
    *step = (ptrdiff_t)t->qk_dim;
    for (size_t j = 0; j < n; j++)
        if (read >> j & 1)
            widen_row(t->k_type,
                      heed_after(k, row_offset(t, key + j, t->k_row, t->k_page), t->k_type),
                      t->qk_dim, a->s.key_rows + j * t->qk_dim);
    return a->s.key_rows;
}

/* A panel [qk_dim][TILE_COLS]: f32, but for few rows, which widen a kept one as they go. */
struct panel {
    const void *at;
    heed_dtype type;
};

/* Dims [d, d + dims) of a panel as packed, or widened into the scratch, once for all rows. */
static struct panel kept_panel(struct attend *a, size_t head, size_t key, size_t d, size_t dims)
{
    const struct heed_attend_task *t = a->task;
    const size_t in_head = key * t->qk_dim + d * TILE_COLS;
    const ptrdiff_t at = (ptrdiff_t)head * t->panels_kv + (ptrdiff_t)in_head;
    const void *panel = heed_after(t->panels, at, t->k_type);

    if (t->k_type == HEED_F32 || (widens_in_registers(t, t->k_type) &&
                                  rows_finite(t->k_type, panel, TILE_COLS, dims, TILE_COLS)))
        return (struct panel){panel, t->k_type};
    widen_row(t->k_type, panel, TILE_COLS * dims, a->s.keys);
    return (struct panel){a->s.keys, HEED_F32};
}

/*
 * A panel of up to TILE_COLS keys: transposed into the scratch, or as it was packed.  Some of
 * them are `read`; natural ones that are not become zeros.
 */
static struct panel load_panel(struct attend *a, size_t head, size_t key, size_t keys,
                               uint64_t read)
{
    const struct heed_attend_task *t = a->task;
    ptrdiff_t step;

    if (t->panels)
        return kept_panel(a, head, key, 0, t->qk_dim);

    const float *k = key_rows(a, head, key, keys, read, &step);
    pack_panel(k, step, read, t->qk_dim, a->s.keys, keys); /* tiles read no further */
    return (struct panel){a->s.keys, HEED_F32};
}

/* And while keys from `key` on are scored: of the other half, or keys. */
INLINE struct ahead keys_ahead(const struct attend *a, size_t head, size_t key)
{
    const struct heed_attend_task *t = a->task;
    const ptrdiff_t dim = (ptrdiff_t)t->qk_dim;
    const size_t in_block = key % HEED_BLOCK;
    const bool near = t->rows <= FEW_ROWS && way_of_task(t, t->k_type) == NEAR;

    if (a->both)
        return both_ahead(a, key - in_block + HEED_BLOCK + in_block / 2);
    if (t->panels && t->rows > 1)
        return rows_ahead(t->k_type, t->panels, dim, t->panels_kv, t->qk_dim, head, key, false,
                          near);
    if (!t->panels && !t->pages && (t->k_type == HEED_F32 || a->direct) &&
        (t->kv_heads == 1 ? t->k_row == dim : a->side_k))
        return rows_ahead(t->k_type, t->k, t->k_row, t->k_kv, t->qk_dim, head, key, a->side_k,
                          near);
    return nothing_ahead(a->s.weights);
}

#endif
