/* SPDX-License-Identifier: MIT */
/* reference_model.c - what surrounds attention in a model: projections and merging. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "head.h"
#include "view.h"

/* One projection of one batch: x[rows][in_dim] to y[rows][out_dim]. */
struct projection {
    const heed_input *x, *w, *b;
    size_t rows, in_dim, out_dim;
};

/* The sum and the bias are one more addition: (n + 1) u of all magnitudes. */
static void project(const struct projection *p, size_t batch, struct bounded *y)
{
    struct bounded *x = view_head(p->x, batch, 0, 1, p->rows, p->in_dim);
    struct bounded *w = view_head(p->w, 0, 0, 1, p->in_dim, p->out_dim);
    struct bounded *b = p->b->data ? view_head(p->b, 0, 0, 1, 1, p->out_dim) : NULL;
    const double rounds = (double)p->in_dim + FEW_ROUNDS;

    for (size_t r = 0; r < p->rows; r++) {
        for (size_t d = 0; d < p->out_dim; d++, y++) {
            *y = bounded_dot(x + r * p->in_dim, w + d, p->out_dim, p->in_dim, rounds, 1);
            y->value += b ? b[d].value : 0;
            y->error += b ? rounds * UNIT_ROUNDOFF * fabs(b[d].value) : 0;
        }
    }
    free(x), free(w), free(b);
}

void reference_linear(const heed_linear_args *a, struct bounded *y)
{
    const struct projection p = {&a->x, &a->w, &a->b, a->rows, a->in_dim, a->out_dim};

    for (size_t b = 0; b < a->batch; b++)
        project(&p, b, y + b * a->rows * a->out_dim);
}

/* Head h of projected rows [row][heads dim], as a matrix of its own. */
static struct bounded *columns(const struct bounded *rows, size_t count, size_t heads, size_t h,
                               size_t dim)
{
    struct bounded *head = calloc(count * dim + 1, sizeof *head);

    for (size_t r = 0; r < count; r++)
        memcpy(head + r * dim, rows + (r * heads + h) * dim, dim * sizeof *head);
    return head;
}

static void attend_projected(const heed_self_attention_args *a, const struct bounded *q_all,
                             const struct bounded *k_all, const struct bounded *v_all,
                             struct bounded *o)
{
    const size_t group = a->q_heads / a->kv_heads;
    const heed_attention_args rules = {.q_rows = a->rows, .kv_rows = a->rows, .mask = a->mask};
    struct head head = {.q_rows = a->rows,
                        .kv_rows = a->rows,
                        .qk_dim = a->qk_dim,
                        .v_dim = a->v_dim,
                        .scale = head_scale(a->scale, a->qk_dim),
                        .rules = &rules};

    for (size_t h = 0; h < a->q_heads; h++) {
        struct bounded *q = columns(q_all, a->rows, a->q_heads, h, a->qk_dim);
        struct bounded *k = columns(k_all, a->rows, a->kv_heads, h / group, a->qk_dim);
        struct bounded *v = columns(v_all, a->rows, a->kv_heads, h / group, a->v_dim);

        head.q = q, head.k = k, head.v = v;
        head_attention(&head, o + h * a->rows * a->v_dim, NULL);
        free(q), free(k), free(v);
    }
}

void reference_self_attention(const heed_self_attention_args *a, struct bounded *o)
{
    const size_t q_dim = a->q_heads * a->qk_dim, k_dim = a->kv_heads * a->qk_dim;
    const size_t v_dim = a->kv_heads * a->v_dim;
    const struct projection to_q = {&a->x, &a->wq, &a->bq, a->rows, a->model_dim, q_dim};
    const struct projection to_k = {&a->x, &a->wk, &a->bk, a->rows, a->model_dim, k_dim};
    const struct projection to_v = {&a->x, &a->wv, &a->bv, a->rows, a->model_dim, v_dim};
    struct bounded *q = calloc(a->rows * (q_dim + k_dim + v_dim) + 1, sizeof *q);
    struct bounded *k = q + a->rows * q_dim, *v = k + a->rows * k_dim;

    for (size_t b = 0; b < a->batch; b++) {
        project(&to_q, b, q);
        project(&to_k, b, k);
        project(&to_v, b, v);
        attend_projected(a, q, k, v, o + b * a->q_heads * a->rows * a->v_dim);
    }
    free(q);
}

/* Merges row r of one head: weights exp(lse_p - lse) are a softmax over the parts. */
static struct bounded merge_row(struct bounded *const *o, struct bounded *const *lse, size_t n,
                                size_t r, size_t v_dim, struct bounded *merged)
{
    struct bounded *scores = calloc(3 * n + 1, sizeof *scores);
    struct bounded *weights = scores + n, *values = weights + n;

    for (size_t p = 0; p < n; p++)
        scores[p] = lse[p][r];
    const struct bounded row_lse = bounded_softmax(scores, n, SMALLEST_NORMAL, weights);
    for (size_t d = 0; d < v_dim; d++) {
        for (size_t p = 0; p < n; p++)
            values[p] = scores[p].value == -INFINITY ? weights[p] : o[p][r * v_dim + d];
        merged[d] = bounded_dot(weights, values, 1, n, (double)n + FEW_ROUNDS, 1);
    }
    free(scores);
    return row_lse;
}

void reference_merge(const heed_merge_args *a, struct bounded *o, struct bounded *lse)
{
    const size_t n = a->part_count;
    struct bounded **o_parts = calloc(2 * n + 1, sizeof *o_parts), **lse_parts = o_parts + n;

    for (size_t i = 0; i < a->batch * a->heads; i++) {
        const size_t b = i / a->heads, h = i % a->heads;

        for (size_t p = 0; p < n; p++) {
            o_parts[p] = view_head(&a->parts[p].o, b, h, a->heads, a->rows, a->v_dim);
            lse_parts[p] = view_head(&a->parts[p].lse, b, h, a->heads, a->rows, 1);
        }
        for (size_t r = 0; r < a->rows; r++, o += a->v_dim) {
            const struct bounded row_lse = merge_row(o_parts, lse_parts, n, r, a->v_dim, o);

            if (lse)
                *lse++ = row_lse;
        }
        for (size_t p = 0; p < n; p++)
            free(o_parts[p]), free(lse_parts[p]);
    }
    free(o_parts);
}
