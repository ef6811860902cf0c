/* SPDX-License-Identifier: MIT */
/* backward_sum.h - streamed rows added up by the weights of a block, or by gradients of scores. */
#ifndef HEED_KERNELS_BACKWARD_SUM_H
#define HEED_KERNELS_BACKWARD_SUM_H

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
 * The rows of a block for the sums: where they are, or copied as f32, padded; as 0 those that are
 * blind, and those that no kept row sees.
 */
static const float *backward_pad(const struct backward *b, const struct backward_block *k,
                                 heed_dtype type, const void *x, ptrdiff_t *row, size_t dim,
                                 size_t pad, float *y)
{
    const size_t keys = k->at.keys;

    if (type == HEED_F32 && dim % VF_LANES == 0 && !k->blind && !k->gap)
        return x;
    for (size_t j = 0; j < keys;) {
        const struct run run = next_run(k->at.seen, j, keys);

        memset(y + j * pad, 0, (run.from - j) * pad * sizeof *y);
        copy_rows(type, heed_after(x, (ptrdiff_t)run.from * *row, type), *row, run.to - run.from,
                  dim, y + run.from * pad, pad);
        j = run.to;
    }
    for (size_t r = 0; k->blind && r < keys; r++)
        if (b->s.lse[r] == -INFINITY)
            memset(y + r * pad, 0, pad * sizeof *y);
    *row = (ptrdiff_t)pad;
    return y;
}

/* Where single pairs may be hidden, all that is read is looked at once instead of by group. */
static bool backward_all_finite(const struct backward *b, const struct backward_block *k)
{
    const struct heed_backward_task *t = b->task;
    const struct run run = next_run(k->at.seen, 0, k->at.keys);
    const size_t to = k->gap ? k->at.keys : run.to;

    return k->at.masked &&
           (!t->d_qk || backward_finite(k->qk, k->qk_row, t->qk_dim, run.from, to)) &&
           (!t->d_v || backward_finite(k->v, k->v_row, t->v_dim, run.from, to));
}

/* Streamed rows x as one of the two sums takes them: by these weights, to that gradient. */
struct backward_terms {
    const float *w, *x;
    ptrdiff_t x_row;
    size_t dim;
    const struct heed_gradient *to;
};

/* Adds streamed rows [from, end) to the sums of kept rows. */
static void backward_sum_rows(const struct backward_terms *t, size_t row, size_t rows, size_t from,
                              size_t end)
{
    const float *at = t->x + (ptrdiff_t)from * t->x_row;

    values_of_rows(t->w + row * HEED_BLOCK + from, HEED_BLOCK, end - from, at, t->x_row, NULL,
                   t->to->sum + row * t->to->pad, (ptrdiff_t)t->to->pad,
                   heed_pad(t->dim, VF_LANES) / VF_LANES, true, rows);
}

/* Of one kept row only what it sees, one run after the other. */
static void backward_sum_row(const struct backward *b, const struct backward_block *k,
                             const struct backward_terms *t, size_t r)
{
    for (uint64_t keys = backward_keys(b, r, &k->at); keys;) {
        const size_t from = heed_first_bit(keys), to = heed_run_end(keys, from);

        backward_sum_rows(t, r, 1, from, to);
        keys &= ~heed_bits_below(to);
    }
}

/*
 * Adds streamed rows, by their weights, to the sums of a group of kept rows.  As in
 * attention, what only some of them see weighs 0 for the others, and unless it is finite
 * the kept rows go one by one, each over what it sees.
 */
static void backward_sum(const struct backward *b, const struct backward_block *k,
                         const struct backward_terms *t, size_t row, size_t rows,
                         const struct heed_group_sight *g)
{
    if (k->finite || (backward_finite(t->x, t->x_row, t->dim, g->from, g->all_from) &&
                      backward_finite(t->x, t->x_row, t->dim, g->all_to, g->to)))
        backward_sum_rows(t, row, rows, g->from, g->to);
    else
        for (size_t r = row; r < row + rows; r++)
            backward_sum_row(b, k, t, r);
}

static void backward_sum_block(const struct backward *b, const struct backward_block *k)
{
    const struct heed_backward_task *t = b->task;
    const struct backward_terms v = {b->s.p, k->v, k->v_row, t->v_dim, &b->s.d_v};
    const struct backward_terms qk = {b->s.ds, k->qk, k->qk_row, t->qk_dim, &b->s.d_qk};

    for (size_t g = 0, row = 0; g < b->groups; g++) {
        const struct heed_group_sight *group = &b->s.groups[g];
        const size_t next = backward_group_end(b, g), rows = next - row;

        if (group->from < group->to) {
            backward_weigh(b, k, row, rows, group);
            if (t->d_v)
                backward_sum(b, k, &v, row, rows, group);
            if (t->d_qk)
                backward_sum(b, k, &qk, row, rows, group);
        }
        row = next;
    }
}

#endif
