/* SPDX-License-Identifier: MIT */
/*
 * backward_weigh.h - from a block of streamed rows to weights and gradients of scores.
 *
 * P = exp(scale q k^T - lse), dP = d_o v^T, dS = P (dP - D) with D = d_o . o for each
 * query row (Dao 2023, arXiv:2307.08691, algorithm 2).  The tiles are those of
 * attention, so a score has the bits that it had there.
 */
#ifndef HEED_KERNELS_BACKWARD_WEIGH_H
#define HEED_KERNELS_BACKWARD_WEIGH_H

#include <math.h>

#include "backward_scratch.h"
#include "kernels/pack.h"

/* What the steps of a task share. */
struct backward {
    const struct heed_backward_task *task;
    struct heed_backward_scratch s;
    size_t groups; /* of up to TILE_ROWS kept rows */
};

/* Streamed rows of one head; qk and v as the sums read them, in whole vectors. */
struct backward_block {
    size_t head, first, rows;
    const float *qk, *v;
    ptrdiff_t qk_row, v_row;
    bool blind; /* query rows with lse -inf are among them */
};

/* Rows of a block, counted from its first. */
struct backward_span {
    size_t first, end;
};

/* One past the last kept row of a group. */
static inline size_t backward_group_end(const struct backward *b, size_t group)
{
    return b->task->rows * (group + 1) / b->groups;
}

static inline size_t backward_clamp(ptrdiff_t row, const struct backward_block *k)
{
    const ptrdiff_t at = row - (ptrdiff_t)k->first;

    return at < 0 ? 0 : (size_t)at < k->rows ? (size_t)at : k->rows;
}

/* What kept rows [row, row + rows) see of a block together: spans do not fall from row to row. */
static struct backward_span backward_seen(const struct backward *b, size_t row, size_t rows,
                                          const struct backward_block *k)
{
    const struct heed_band *band = &b->task->band;
    const ptrdiff_t top = (ptrdiff_t)(b->task->first_row + row), bottom = top + (ptrdiff_t)rows - 1;
    const size_t first = backward_clamp(band->first + band->first_step * top, k);
    const size_t end = backward_clamp(band->end + band->end_step * bottom, k);

    return (struct backward_span){first, end > first ? end : first};
}

static float backward_dot(const float *x, const float *y, size_t dim)
{
    vf sum = vf_zero();

    for (size_t d = 0; d < dim; d += VF_LANES)
        sum = vf_fma(vf_load_upto(x + d, dim - d), vf_load_upto(y + d, dim - d), sum);
    return vf_reduce_add(sum);
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
        const float *d_o = queries->v + h * queries->v_head + i * queries->v_row;

        b->s.lse[r] = t->lse[h * t->lse_head + i * t->lse_row];
        b->s.d[r] = t->d_qk ? backward_dot(d_o, t->o + h * t->o_head + i * t->o_row, t->v_dim) : 0;
        blind |= b->s.lse[r] == -INFINITY;
    }
    return blind;
}

/*
 * y[row][j] = kept row . streamed row j, by panel: those pairs that see each other, and
 * others of their tiles.
 */
static void backward_products(const struct backward *b, const struct backward_block *k,
                              const float *const *kept, const float *x, ptrdiff_t x_row, size_t dim,
                              float *y)
{
    for (size_t j = 0; j < k->rows; j += TILE_COLS) {
        const size_t cols = k->rows - j < TILE_COLS ? k->rows - j : TILE_COLS;

        pack_panel(x + (ptrdiff_t)j * x_row, x_row, cols, dim, b->s.panel);
        for (size_t g = 0, row = 0; g < b->groups; g++) {
            const size_t next = backward_group_end(b, g);
            const struct backward_span seen = backward_seen(b, row, next - row, k);

            if (seen.end > j && seen.first < j + cols)
                scores_of_rows(kept + row, dim, b->s.panel,
                               seen.end - j < cols ? seen.end - j : cols, y + row * HEED_BLOCK + j,
                               HEED_BLOCK, false, nothing_ahead(b->s.panel), next - row);
            row = next;
        }
    }
}

/*
 * exp(x); 0 below 2^-110, as in attention.  With an lse that belongs to these scores x is
 * hardly above 0 where it is seen.  Past 87, where the quick exponential ends, the careful
 * one takes over, lane by lane: the bits of a weight must not depend on its neighbours.
 */
INLINE vf backward_exp(vf x)
{
    const float most = 87.0f;
    const vf quick = vf_exp2_scaled(x, vf_set1(1.44269504f), vf_set1(-0x1.30fcp+6f));
    float lane[VF_LANES], weight[VF_LANES], careful[VF_LANES];

    if (!vf_any_gt(x, vf_set1(most)))
        return quick;
    vf_store(lane, x);
    vf_store(weight, quick);
    vf_store(careful, vf_exp(x));
    for (size_t i = 0; i < VF_LANES; i++)
        if (lane[i] > most)
            weight[i] = careful[i];
    return vf_load(weight);
}

/*
 * Scores and gradients of weights of kept row r to weights and gradients of scores.
 * The scaled score is rounded before lse is taken away, as in attention, where lse of a
 * row of huge scores is the largest of these products: what was 1 there is 1 again,
 * and not the exponential of a rounding error of 1e22.
 */
INLINE void backward_weigh_row(const struct backward *b, size_t r, struct backward_span seen,
                               const bool streamed)
{
    const vf scale = vf_set1(b->task->scale);
    const float *lse = b->s.lse, *d = b->s.d;
    float *p = b->s.p + r * HEED_BLOCK, *ds = b->s.ds + r * HEED_BLOCK;

    for (size_t j = seen.first / VF_LANES * VF_LANES; j < seen.end; j += VF_LANES) {
        const vf score = vf_mul(vf_load(p + j), scale);
        const vf w = backward_exp(vf_sub(score, streamed ? vf_load(lse + j) : vf_set1(lse[r])));
        const vf more = vf_sub(vf_load(ds + j), streamed ? vf_load(d + j) : vf_set1(d[r]));

        vf_store(p + j, w);
        vf_store(ds + j, vf_mul(w, more));
    }
}

/* Zeros for what kept row r does not see of what its group sees, whatever was computed there. */
static void backward_hide(const struct backward *b, const struct backward_block *k, size_t r,
                          struct backward_span seen, struct backward_span group)
{
    float *p = b->s.p + r * HEED_BLOCK, *ds = b->s.ds + r * HEED_BLOCK;

    for (size_t j = group.first; j < group.end; j++)
        if (j < seen.first || j >= seen.end || (k->blind && b->s.lse[j] == -INFINITY))
            p[j] = ds[j] = 0.0f;
}

static void backward_weigh(const struct backward *b, const struct backward_block *k, size_t row,
                           size_t rows)
{
    const struct backward_span group = backward_seen(b, row, rows, k);

    for (size_t r = row; r < row + rows; r++) {
        const struct backward_span seen = backward_seen(b, r, 1, k);

        if (seen.first == seen.end)
            ; /* and nothing to weigh */
        else if (b->task->keeps_queries)
            backward_weigh_row(b, r, seen, false);
        else
            backward_weigh_row(b, r, seen, true);
        if (k->blind || seen.first > group.first || seen.end < group.end)
            backward_hide(b, k, r, seen, group);
    }
}

#endif
