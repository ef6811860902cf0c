/* SPDX-License-Identifier: MIT */
/* check.c - a few rows of a result against the formula in double. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "buffers.h"
#include "half.h"
#include "problem.h"
#include "seen.h"

/* One row of the problem: the query, the keys of its head, and what came out. */
struct row {
    const heed_attention_args *args;
    size_t batch, head, index;
    const float *q, *k, *v, *o;
    size_t keys, dim;
    double scale;
    bool on_unit;
};

static struct row row_at(const struct problem *p, size_t index)
{
    const heed_attention_args *a = &p->args;
    const size_t head = index / a->q_rows, r = index % a->q_rows;
    const size_t kv_head = head / (a->q_heads / a->kv_heads); /* batches line up: both divide */
    const size_t kv_at = kv_head * a->kv_rows * a->qk_dim;

    return (struct row){
        .args = a,
        .batch = head / a->q_heads,
        .head = head % a->q_heads,
        .index = r,
        .q = p->q + index * a->qk_dim,
        .k = p->k_then_v + kv_at, /* not a->k, which may be packed or of 16 bits */
        .v = p->k_then_v + p->kv_count / 2 + kv_at,
        .o = (const float *)a->o.data + index * a->v_dim,
        .keys = a->kv_rows,
        .dim = a->qk_dim,
        .scale = 1 / sqrt((double)a->qk_dim),
        .on_unit = problem_on_unit(p, a->isa),
    };
}

/*
 * Of a key that the row sees.  With u = 2^-24 the product is off by at most 2 (dim + 2) u
 * sum|q k| scale (a chain of dim FMAs or, at twice that, of products and sums; Higham 2002,
 * section 3.1), and a bias by one rounding more.
 */
static struct bounded score_of(const struct row *row, size_t j)
{
    double sum = 0, size = 0;

    for (size_t d = 0; d < row->dim; d++) {
        const double product = (double)row->q[d] * (double)row->k[j * row->dim + d];

        sum += product;
        size += fabs(product);
    }
    return score_by_rules(row->args, row->batch, row->head, row->index, j,
                          (struct bounded){.value = sum * row->scale,
                                           .error = 2 * ((double)row->dim + 2) * (FLT_EPSILON / 2) *
                                                    size * row->scale});
}

/* Fills score[keys], -inf where the row does not see one; returns the largest error of a score and
 * how many it sees. */
static double scores_of(const struct row *row, double *score, size_t *seen)
{
    double largest = 0;

    *seen = 0;
    for (size_t j = 0; j < row->keys; j++) {
        score[j] = -INFINITY;
        if (!key_is_seen(row->args, row->batch, row->head, row->index, j))
            continue;
        const struct bounded s = score_of(row, j);

        score[j] = s.value;
        largest = fmax(largest, s.error);
        ++*seen;
    }
    return largest;
}

/* Turns scores into weights that sum to 1. */
static void soften(double *score, size_t keys)
{
    double max = -INFINITY, sum = 0;

    for (size_t j = 0; j < keys; j++)
        max = fmax(max, score[j]);
    for (size_t j = 0; j < keys; j++)
        sum += score[j] = exp(score[j] - max);
    for (size_t j = 0; j < keys; j++)
        score[j] /= sum;
}

/*
 * The largest error of the row in units of what f32 may do to it.  With u = 2^-24:
 * the error of a score is the relative error of its weight before and again after
 * dividing by the sum of the weights; adding up `seen` terms and a handful of roundings in
 * exp and division put (2 seen + 16) u on top.  Each o is a mean of values with these weights.
 *
 * A matrix unit's sums of pairs, rounded to odd (2 u), stay within that: there are half as
 * many.  It takes weights as bf16, off by r = 2^-9, and so is their sum: (1 + r)/(1 - r) - 1.
 */
static double row_error(const struct row *row, double *weight, double *bound, double *in_units)
{
    size_t seen;
    const double u = FLT_EPSILON / 2, off = scores_of(row, weight, &seen);
    const double r = row->on_unit ? dtype_roundoff(HEED_BF16) : 0;
    const double relative = 2 * off + (2 * (double)seen + 16) * u + 2 * r / (1 - r);
    double largest = 0;

    soften(weight, row->keys);
    for (size_t d = 0; d < row->dim; d++) {
        double o = 0, magnitude = 0;

        for (size_t j = 0; j < row->keys; j++) {
            o += weight[j] * (double)row->v[j * row->dim + d];
            magnitude += weight[j] * fabs((double)row->v[j * row->dim + d]);
        }
        const double error = fabs((double)row->o[d] - o);

        largest = fmax(largest, error);
        *bound = fmax(*bound, relative * magnitude);
        *in_units = fmax(*in_units, error / (relative * magnitude));
    }
    return largest;
}

static size_t first_not_finite(const float *x, size_t count)
{
    size_t i = 0;

    while (i < count && isfinite(x[i]))
        i++;
    return i;
}

bool problem_check(const struct problem *p, double *max_error, double *bound, char *why,
                   size_t why_size)
{
    enum { ROWS = 5 }; /* spread from the first to the last: other heads, other batches */
    const heed_attention_args *a = &p->args;
    const size_t rows = a->batch * a->q_heads * a->q_rows;
    const size_t bad = first_not_finite(a->o.data, rows * a->v_dim);
    double *weight = malloc(a->kv_rows * sizeof *weight), in_units = 0;

    *max_error = *bound = 0;
    if (!weight || bad < rows * a->v_dim) {
        snprintf(why, why_size, weight ? "not finite: number %zu of the result" : "no memory", bad);
        free(weight);
        return false;
    }
    for (size_t i = 0; i < ROWS; i++) {
        const struct row row = row_at(p, (rows - 1) * i / (ROWS - 1));

        *max_error = fmax(*max_error, row_error(&row, weight, bound, &in_units));
    }
    free(weight);
    if (in_units > 1)
        snprintf(why, why_size, "wrong: off by %.2g, %.2g times what rounding explains", *max_error,
                 in_units);
    return in_units <= 1;
}
