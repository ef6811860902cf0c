/* SPDX-License-Identifier: MIT */
/*
 * gradients.c - the gradients of attention from their formulas (Dao 2023,
 * arXiv:2307.08691, algorithm 2), with whole matrices of weights.
 */
#include "gradients.h"

#include <math.h>
#include <stdlib.h>

#include "head.h"

static const double u = UNIT_ROUNDOFF;

/* What a weight may lose where it is 0 for being below 2^-110. */
#define LOST_PROBABILITY 0x1p-110

static bool sees(const struct backward_head *h, size_t i, size_t j)
{
    return h->lse[i].value != -INFINITY && key_is_seen(h->rules, h->b, h->h, i, j);
}

/*
 * exp(s - lse).  The exponent x is off by the errors of s and lse; by u |s|, the rounding
 * of the scaled score; by u |x|, that of the difference; by 3 u |x| for log2 e, its
 * product with x and what is left of that after its integer part; and by 4 u, an exp
 * within 2 ulp.
 */
static struct bounded weight(struct bounded s, struct bounded lse)
{
    const double x = s.value - lse.value, p = exp(x);
    const double off = s.error + lse.error + u * (fabs(s.value) + 4 * fabs(x) + 4);

    return (struct bounded){p, (p > 0 ? p * expm1(off) : 0) + LOST_PROBABILITY};
}

/* x - y and x y, rounded once. */
static struct bounded minus(struct bounded x, struct bounded y)
{
    const double value = x.value - y.value, error = x.error + y.error;

    return (struct bounded){value, error + u * (fabs(value) + error)};
}

static struct bounded times(struct bounded x, struct bounded y)
{
    const double size = (fabs(x.value) + x.error) * (fabs(y.value) + y.error);
    const double drift = size - fabs(x.value) * fabs(y.value);

    return (struct bounded){x.value * y.value, drift + u * size + SMALLEST_NORMAL};
}

static struct bounded d_of_row(const struct backward_head *h, size_t i)
{
    return bounded_dot(h->d_o + i * h->v_dim, h->o + i * h->v_dim, 1, h->v_dim,
                       (double)h->v_dim + FEW_ROUNDS, 1);
}

/* Weights and gradients of scores of row i, before and after the rules, those that it does not
 * see left alone. */
static void weigh_row(const struct backward_head *h, size_t i, struct bounded *p,
                      struct bounded *ds, struct bounded *d_scores)
{
    const struct bounded *q = h->q + i * h->qk_dim, *d_o = h->d_o + i * h->v_dim;
    const double qk_rounds = (double)h->qk_dim + FEW_ROUNDS, v_rounds = (double)h->v_dim;
    const struct bounded d = d_of_row(h, i);

    for (size_t j = 0; j < h->kv_rows; j++) {
        if (!sees(h, i, j))
            continue;
        const struct bounded s =
            bounded_dot(q, h->k + j * h->qk_dim, 1, h->qk_dim, qk_rounds, h->scale);
        const struct bounded dp =
            bounded_dot(d_o, h->v + j * h->v_dim, 1, h->v_dim, v_rounds + FEW_ROUNDS, 1);

        p[j] = weight(score_by_rules(h->rules, h->b, h->h, i, j, s), h->lse[i]);
        ds[j] = times(p[j], minus(dp, d));
        if (d_scores)
            d_scores[j] = ds[j];
        if (h->rules->softcap != 0.0f)
            ds[j] = times(ds[j], slope_of_cap(h->rules, s));
    }
}

/* Added up in double. */
static void add_to_sink(const struct backward_head *h, struct bounded *d_sink)
{
    const struct bounded sink = {(double)h->rules->sinks[h->h], 0};

    for (size_t i = 0; i < h->q_rows; i++) {
        if (h->lse[i].value == -INFINITY)
            continue;
        const struct bounded term = times(weight(sink, h->lse[i]), d_of_row(h, i));

        d_sink->value -= term.value;
        d_sink->error += term.error;
    }
}

/*
 * Roundings of a sum over so many rows of each of `heads`: chunks of 1024 are summed one
 * by one and added in order, then scaled.
 */
static double rounds_over_rows(size_t rows, size_t heads)
{
    const double chunk = rows < 1024 ? (double)rows : 1024;

    return chunk + (double)heads * ((double)rows / 1024 + 1) + FEW_ROUNDS;
}

/* The terms of a sum: numbers picked from a row or column of a matrix, and whose they are. */
struct terms {
    struct bounded *w, *x;
    size_t *row, count;
};

/* y[d] += factor sum of w x[row][d] over the terms. */
static void add_terms(const struct terms *t, const struct bounded *x, size_t dim, double rounds,
                      double factor, struct bounded *y)
{
    for (size_t d = 0; d < dim; d++) {
        for (size_t n = 0; n < t->count; n++)
            t->x[n] = x[t->row[n] * dim + d];
        const struct bounded sum = bounded_dot(t->w, t->x, 1, t->count, rounds, factor);

        y[d].value += sum.value;
        y[d].error += sum.error;
    }
}

static void pick(struct terms *t, struct bounded w, size_t row)
{
    t->w[t->count] = w;
    t->row[t->count++] = row;
}

static void sum_for_queries(const struct backward_head *h, const struct bounded *ds,
                            struct terms *t, struct bounded *d_q)
{
    for (size_t i = 0; i < h->q_rows; i++) {
        t->count = 0;
        for (size_t j = 0; j < h->kv_rows; j++)
            if (sees(h, i, j))
                pick(t, ds[i * h->kv_rows + j], j);
        for (size_t d = 0; d < h->qk_dim; d++)
            d_q[i * h->qk_dim + d] = (struct bounded){0};
        add_terms(t, h->k, h->qk_dim, rounds_over_rows(h->kv_rows, 1), h->scale,
                  d_q + i * h->qk_dim);
    }
}

/* With w = P and x = d_o for d_v, w = dS and x = q for d_k. */
static void sum_for_keys(const struct backward_head *h, const struct bounded *w, struct terms *t,
                         const struct bounded *x, size_t dim, double factor, struct bounded *y)
{
    for (size_t j = 0; j < h->kv_rows; j++) {
        t->count = 0;
        for (size_t i = 0; i < h->q_rows; i++)
            if (sees(h, i, j))
                pick(t, w[i * h->kv_rows + j], i);
        add_terms(t, x, dim, rounds_over_rows(h->q_rows, h->group), factor, y + j * dim);
    }
}

void backward_head(const struct backward_head *h, const struct gradients *to)
{
    const size_t pairs = h->q_rows * h->kv_rows, most = h->q_rows + h->kv_rows;
    struct bounded *p = calloc(2 * pairs + 2 * most + 1, sizeof *p), *ds = p + pairs;
    struct terms t = {.w = ds + pairs, .x = ds + pairs + most};

    t.row = calloc(most + 1, sizeof *t.row);
    for (size_t i = 0; i < h->q_rows; i++)
        weigh_row(h, i, p + i * h->kv_rows, ds + i * h->kv_rows,
                  to->d_scores ? to->d_scores + i * to->d_scores_row : NULL);
    if (to->d_sink)
        add_to_sink(h, to->d_sink);
    sum_for_queries(h, ds, &t, to->d_q);
    sum_for_keys(h, ds, &t, h->q, h->qk_dim, h->scale, to->d_k);
    sum_for_keys(h, p, &t, h->d_o, h->v_dim, 1, to->d_v);
    free(p), free(t.row);
}
