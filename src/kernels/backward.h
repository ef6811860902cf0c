/* SPDX-License-Identifier: MIT */
/*
 * backward.h - gradients of attention: rows of one side are kept, those of the other
 * stream past in blocks of 64 (Dao 2023, arXiv:2307.08691, algorithm 2).
 *
 *   for each head and chunk of 1024 streamed rows    sums of its own, added in order
 *     for each block of 64 streamed rows, at absolute positions
 *       for each panel of TILE_COLS                    transposed
 *         for each group of up to TILE_ROWS kept rows    scores, gradients of weights
 *       for each group                                 weights, gradients of scores, sums
 *
 * Both kinds of task are this one loop: only the side that lse and D belong to
 * differs, and that keys also gather weighted d_o.  A number of a gradient is a chain of
 * FMAs over the streamed rows of a chunk, then a sum of chunks: no cut changes it.
 */
#ifndef HEED_KERNELS_BACKWARD_H
#define HEED_KERNELS_BACKWARD_H

#include "kernels/backward_weigh.h"

static bool backward_finite(const float *x, ptrdiff_t x_row, size_t dim, size_t from, size_t to)
{
    for (size_t j = from; j < to; j++)
        for (size_t d = 0; d < dim; d += VF_LANES)
            if (!vf_all_finite(vf_load(x + (ptrdiff_t)j * x_row + d)))
                return false;
    return true;
}

/*
 * Adds streamed rows x, by their weights w, to the sums of a group of kept rows.  As in
 * attention, what only some of them see weighs 0 for the others, and unless it is finite
 * the kept rows go one by one, each over what it sees.
 */
static void backward_sum(const struct backward *b, const struct backward_block *k, const float *w,
                         const float *x, ptrdiff_t x_row, size_t dim, const struct heed_gradient *g,
                         size_t row, size_t rows)
{
    const size_t vectors = heed_pad(dim, VF_LANES) / VF_LANES;
    const struct backward_span group = backward_seen(b, row, rows, k);
    const size_t late = backward_seen(b, row + rows - 1, 1, k).first;
    const size_t early = backward_seen(b, row, 1, k).end;

    if (group.first == group.end)
        return;
    const bool together = backward_finite(x, x_row, dim, group.first, late) &&
                          backward_finite(x, x_row, dim, early, group.end);

    for (size_t r = row, step = together ? rows : 1; r < row + rows; r += step) {
        const struct backward_span seen = together ? group : backward_seen(b, r, 1, k);
        const float *at = x + (ptrdiff_t)seen.first * x_row;

        values_of_rows(w + r * HEED_BLOCK + seen.first, HEED_BLOCK, seen.end - seen.first, at,
                       x_row, nothing_ahead(x), g->sum + r * g->pad, (ptrdiff_t)g->pad, vectors,
                       true, step);
    }
}

static void backward_sum_block(const struct backward *b, const struct backward_block *k)
{
    const struct heed_backward_task *t = b->task;

    for (size_t g = 0, row = 0; g < b->groups; g++) {
        const size_t next = backward_group_end(b, g);

        backward_weigh(b, k, row, next - row);
        if (t->d_v)
            backward_sum(b, k, b->s.p, k->v, k->v_row, t->v_dim, &b->s.d_v, row, next - row);
        if (t->d_qk)
            backward_sum(b, k, b->s.ds, k->qk, k->qk_row, t->qk_dim, &b->s.d_qk, row, next - row);
        row = next;
    }
}

/* The rows of a block for the sums: where they are, or copied with padding, blind ones as 0. */
static const float *backward_pad(const struct backward *b, const struct backward_block *k,
                                 const float *x, ptrdiff_t *row, size_t dim, size_t pad, float *y)
{
    if (dim % VF_LANES == 0 && !k->blind)
        return x;
    copy_rows(HEED_F32, x, *row, k->rows, dim, y, pad);
    for (size_t r = 0; k->blind && r < k->rows; r++)
        if (b->s.lse[r] == -INFINITY)
            memset(y + r * pad, 0, pad * sizeof *y);
    *row = (ptrdiff_t)pad;
    return y;
}

static void backward_stream(const struct backward *b, struct backward_block k)
{
    const struct heed_backward_task *t = b->task;
    const struct heed_side *x = &t->streamed;
    const ptrdiff_t h = (ptrdiff_t)k.head, first = (ptrdiff_t)k.first;

    k.qk = x->qk + h * x->qk_head + first * x->qk_row;
    k.v = x->v + h * x->v_head + first * x->v_row;
    k.qk_row = x->qk_row;
    k.v_row = x->v_row;
    backward_products(b, &k, b->s.qk, k.qk, k.qk_row, t->qk_dim, b->s.p);
    if (t->d_qk)
        backward_products(b, &k, b->s.v, k.v, k.v_row, t->v_dim, b->s.ds);
    if (!t->keeps_queries)
        k.blind = backward_states(b, x, k.head, k.first, k.rows);
    if (t->d_qk)
        k.qk = backward_pad(b, &k, k.qk, &k.qk_row, t->qk_dim, b->s.d_qk.pad, b->s.streamed_qk);
    if (t->d_v)
        k.v = backward_pad(b, &k, k.v, &k.v_row, t->v_dim, b->s.d_v.pad, b->s.streamed_v);
    backward_sum_block(b, &k);
}

static void backward_clear(const struct heed_gradient *g, float *sum, size_t rows)
{
    memset(sum, 0, rows * g->pad * sizeof *sum);
}

static void backward_add(const struct heed_gradient *g, size_t rows)
{
    for (size_t i = 0; i < rows * g->pad; i += VF_LANES)
        vf_store(g->total + i, vf_add(vf_load(g->total + i), vf_load(g->sum + i)));
}

/* Streams the rows [from, end) of a head, chunk by chunk. */
static void backward_head(const struct backward *b, size_t head, size_t from, size_t end)
{
    const size_t rows = b->task->rows;

    for (size_t at = from; at < end;) {
        const size_t next = at / HEED_CHUNK * HEED_CHUNK + HEED_CHUNK;
        const size_t stop = next < end ? next : end;

        backward_clear(&b->s.d_qk, b->s.d_qk.sum, rows);
        backward_clear(&b->s.d_v, b->s.d_v.sum, rows);
        for (; at < stop; at += HEED_BLOCK)
            backward_stream(b, (struct backward_block){
                                   .head = head,
                                   .first = at,
                                   .rows = stop - at < HEED_BLOCK ? stop - at : HEED_BLOCK,
                               });
        backward_add(&b->s.d_qk, rows);
        backward_add(&b->s.d_v, rows);
    }
}

static struct backward backward_begin(const struct heed_backward_task *t)
{
    struct backward b = {.task = t, .groups = (t->rows + TILE_ROWS - 1) / TILE_ROWS};
    const ptrdiff_t first = (ptrdiff_t)t->first_row;

    heed_backward_layout(&b.s, t->scratch, t->rows, t->qk_dim, t->v_dim);
    for (ptrdiff_t r = 0; r < (ptrdiff_t)t->rows; r++) {
        b.s.qk[r] = t->kept.qk + (first + r) * t->kept.qk_row;
        b.s.v[r] = t->kept.v + (first + r) * t->kept.v_row;
    }
    backward_clear(&b.s.d_qk, b.s.d_qk.total, t->rows);
    backward_clear(&b.s.d_v, b.s.d_v.total, t->rows);
    /* Lanes past the rows of a block are weighed like others, and so is a dP that nobody wants. */
    memset(b.s.lse, 0, HEED_BLOCK * sizeof *b.s.lse);
    memset(b.s.d, 0, HEED_BLOCK * sizeof *b.s.d);
    memset(b.s.ds, 0, t->rows * HEED_BLOCK * sizeof *b.s.ds);
    return b;
}

/* Rows of a gradient into the output; those of blind queries are 0. */
static void backward_finish(const struct backward *b, const struct heed_gradient *g, float factor,
                            float *out, ptrdiff_t out_row, size_t dim)
{
    const struct heed_backward_task *t = b->task;

    out += (ptrdiff_t)t->first_row * out_row;
    for (size_t r = 0; r < t->rows; r++, out += out_row) {
        const bool blind = t->keeps_queries && b->s.lse[r] == -INFINITY;

        for (size_t d = 0; d < dim; d += VF_LANES) {
            const vf x = vf_mul(vf_load(g->total + r * g->pad + d), vf_set1(factor));

            vf_store_upto(out + d, blind ? vf_zero() : x, dim - d);
        }
    }
}

static void backward(const struct heed_backward_task *t)
{
    const struct backward b = backward_begin(t);
    const struct backward_block all = {.rows = t->streamed_rows};
    const struct backward_span seen = backward_seen(&b, 0, t->rows, &all);

    if (t->keeps_queries)
        backward_states(&b, &t->kept, 0, t->first_row, t->rows);
    for (size_t head = 0; head < t->heads; head++)
        backward_head(&b, head, seen.first / HEED_BLOCK * HEED_BLOCK, seen.end);
    if (t->d_qk)
        backward_finish(&b, &b.s.d_qk, t->scale, t->d_qk, t->d_qk_row, t->qk_dim);
    if (t->d_v)
        backward_finish(&b, &b.s.d_v, 1.0f, t->d_v, t->d_v_row, t->v_dim);
}

#endif
