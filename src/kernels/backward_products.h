/* SPDX-License-Identifier: MIT */
/* backward_products.h - products of rows: scores, gradients of weights, and D = d_o . o. */
#ifndef HEED_KERNELS_BACKWARD_PRODUCTS_H
#define HEED_KERNELS_BACKWARD_PRODUCTS_H

#include "kernels/backward_block.h"

INLINE float backward_dot_as(heed_dtype x_type, const void *x, heed_dtype y_type, const void *y,
                             size_t dim)
{
    vf sum = vf_zero();

    for (size_t d = 0; d < dim; d += VF_LANES) {
        const void *x_at = heed_after(x, (ptrdiff_t)d, x_type);
        const void *y_at = heed_after(y, (ptrdiff_t)d, y_type);

        sum = vf_fma(load_as(x_type, x_at, dim - d), load_as(y_type, y_at, dim - d), sum);
    }
    return vf_reduce_add(sum);
}

static float backward_dot(heed_dtype x_type, const void *x, heed_dtype y_type, const void *y,
                          size_t dim)
{
    if (x_type == HEED_F32 && y_type == HEED_F32)
        return backward_dot_as(HEED_F32, x, HEED_F32, y, dim);
    return backward_dot_as(x_type, x, y_type, y, dim);
}

/* D of a query row of a head. */
static float backward_d(const struct heed_backward_task *t, const struct heed_side *queries,
                        ptrdiff_t head, ptrdiff_t row)
{
    const void *d_o =
        heed_after(queries->v, head * queries->v_head + row * queries->v_row, queries->v_type);
    const void *o = heed_after(t->o, head * t->o_head + row * t->o_row, t->o_type);

    return backward_dot(queries->v_type, d_o, t->o_type, o, t->v_dim);
}

/* lse and D = d_o . o of query rows of a head; returns whether one of them is blind. */
static bool backward_states(const struct backward *b, const struct heed_side *queries, size_t head,
                            size_t first, size_t rows)
{
    const struct heed_backward_task *t = b->task;
    const ptrdiff_t h = (ptrdiff_t)head;
    bool blind = false;

    for (size_t r = 0; r < rows; r++) {
        const ptrdiff_t i = (ptrdiff_t)(first + r);

        b->s.lse[r] = t->lse[h * t->lse_head + i * t->lse_row];
        b->s.d[r] = b->wants_scores ? backward_d(t, queries, h, i) : 0.0f;
        blind |= b->s.lse[r] == -INFINITY;
    }
    return blind;
}

/* The gradient of a sink, summed in double: of any number of rows, one after the other. */
static void backward_sink(const struct heed_sink_task *t)
{
    const char *d_o = t->d_o, *o = t->o;

    for (size_t r = 0; r < t->rows; r++) {
        const ptrdiff_t i = (ptrdiff_t)r;
        const float lse = t->lse[i * t->lse_row];

        if (lse > -INFINITY || lse != lse)
            *t->sum -=
                (double)expf(t->sink - lse) *
                (double)backward_dot(t->d_o_type, heed_after(d_o, i * t->d_o_row, t->d_o_type),
                                     t->o_type, heed_after(o, i * t->o_row, t->o_type), t->v_dim);
    }
}

/*
 * y[row][j] = kept row . streamed row j, by panel: those pairs that see each other, and
 * others of their tiles.
 */
static void backward_products(const struct backward *b, const struct block *k,
                              const float *const *kept, heed_dtype type, const void *x,
                              ptrdiff_t x_row, size_t dim, float *y)
{
    for (size_t j = 0; j < k->keys; j += TILE_COLS) {
        const size_t cols = k->keys - j < TILE_COLS ? k->keys - j : TILE_COLS;

        pack_panel_of(type, heed_after(x, (ptrdiff_t)j * x_row, type), x_row,
                      k->seen >> j & heed_bits_below(cols), dim, b->s.panel);
        for (size_t g = 0, row = 0; g < b->groups; g++) {
            const size_t next = backward_group_end(b, g);
            const size_t from = b->s.groups[g].from, to = b->s.groups[g].to;

            if (to > j && from < j + cols)
                scores_of_rows(kept + row, dim, b->s.panel, to - j < cols ? to - j : cols,
                               y + row * HEED_BLOCK + j, HEED_BLOCK, false, NULL, next - row);
            row = next;
        }
    }
}

#endif
