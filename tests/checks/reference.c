/* SPDX-License-Identifier: MIT */
/* reference.c - the operations on queries, keys and values. */
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "head.h"
#include "view.h"

/* The keys or values of one batch and head: of its rows, of its part of them, or of its pages. */
static struct bounded *kv_head(const heed_attention_args *a, const heed_input *view, size_t b,
                               size_t h, size_t dim)
{
    if (a->kv_offsets)
        return view_rows(view, 0, h, a->kv_heads, (size_t)a->kv_offsets[a->batch],
                         (size_t)a->kv_offsets[b],
                         (size_t)(a->kv_offsets[b + 1] - a->kv_offsets[b]), dim);
    if (!a->page_table)
        return view_head(view, b, h, a->kv_heads, a->kv_rows, dim);

    const int32_t *table = a->page_table + (ptrdiff_t)b * a->page_table_stride;
    struct bounded *rows = calloc(a->kv_rows * dim + 1, sizeof *rows);

    for (size_t r = 0; r < a->kv_rows; r++) {
        struct bounded *page =
            view_head(view, (size_t)table[r / a->page_rows], h, a->kv_heads, a->page_rows, dim);

        memcpy(rows + r * dim, page + r % a->page_rows * dim, dim * sizeof *rows);
        free(page);
    }
    return rows;
}

/*
 * Keys or values: their numbers, times their scales if they have any.  That product is
 * where f32 rounds once more, after the sum over a key's numbers, or before the sum over
 * values: with any other rounding, the same factor 1 + u of each term.
 */
static struct bounded *scaled_head(const heed_attention_args *a, const heed_input *view,
                                   const heed_input *scales, size_t b, size_t h, size_t dim)
{
    const size_t rows =
        a->kv_offsets ? (size_t)(a->kv_offsets[b + 1] - a->kv_offsets[b]) : a->kv_rows;
    struct bounded *numbers = kv_head(a, view, b, h, dim);
    struct bounded *by = scales->data ? kv_head(a, scales, b, h, 1) : NULL;

    for (size_t i = 0; by && i < rows * dim; i++) {
        numbers[i].value *= by[i / dim].value;
        numbers[i].error = UNIT_ROUNDOFF * fabs(numbers[i].value);
    }
    free(by);
    return numbers;
}

/* Keys past kv_lengths, where each batch has room for kv_rows, are only shown. */
static size_t keys_in_memory(const heed_attention_args *a, size_t b)
{
    return a->page_table || a->kv_offsets ? keys_of(a, b) : a->kv_rows;
}

/* The results of one batch: row `first` of `rows` in each head is its first one. */
struct results {
    struct bounded *o, *lse, *scores;
    size_t first, rows;
};

/* How a matrix unit computes the call, if it does. */
static void set_unit(const heed_attention_args *a, struct head *head)
{
    int products[2];

    head->unit = !a->packed_k &&
                 heed_isa_unit(a->isa, a->q.dtype, a->k.dtype, a->v.dtype, a->precision, products);
    head->rounded = head->unit && products[0] == 1 && products[1] == 1;
    head->fast = head->unit && a->precision == HEED_PRECISION_FAST;
}

static void attend_batch(const heed_attention_args *a, size_t b, struct results to)
{
    const size_t group = a->q_heads / a->kv_heads, q_rows = rows_of(a, b);
    struct head head = {.q_rows = q_rows,
                        .kv_rows = keys_of(a, b),
                        .qk_dim = a->qk_dim,
                        .v_dim = a->v_dim,
                        .scale = head_scale(a->scale, a->qk_dim),
                        .rules = a,
                        .b = b};

    set_unit(a, &head);
    for (size_t h = 0; h < a->q_heads; h++) {
        const size_t at = h * to.rows + to.first;
        struct bounded *q =
            a->q_offsets ? view_rows(&a->q, 0, h, a->q_heads, to.rows, to.first, q_rows, a->qk_dim)
                         : view_head(&a->q, b, h, a->q_heads, q_rows, a->qk_dim);
        struct bounded *k = scaled_head(a, &a->k, &a->k_scales, b, h / group, a->qk_dim);
        struct bounded *v = scaled_head(a, &a->v, &a->v_scales, b, h / group, a->v_dim);

        head.q = q, head.k = k, head.v = v, head.h = h;
        head_attention(&head, to.o + at * a->v_dim, to.lse ? to.lse + at : NULL);
        head.kv_rows = keys_in_memory(a, b);
        if (to.scores)
            head_shown(&head, a->kv_rows, to.scores + at * a->kv_rows);
        head.kv_rows = keys_of(a, b);
        free(q), free(k), free(v);
    }
}

/* Rows of no sequence: NaN, as blank memory is. */
static void blank(struct bounded *results, size_t count)
{
    while (results && count--)
        *results++ = (struct bounded){NAN, 0};
}

void reference_attention(const heed_attention_args *a, struct bounded *o, struct bounded *lse,
                         struct bounded *scores)
{
    if (a->q_offsets) {
        const size_t rows = (size_t)a->q_offsets[a->batch];

        blank(o, a->q_heads * rows * a->v_dim);
        blank(lse, a->q_heads * rows);
        blank(scores, a->q_heads * rows * a->kv_rows);
        for (size_t b = 0; b < a->batch; b++)
            attend_batch(a, b, (struct results){o, lse, scores, (size_t)a->q_offsets[b], rows});
        return;
    }
    for (size_t b = 0; b < a->batch; b++) {
        const size_t at = b * a->q_heads * a->q_rows;

        attend_batch(a, b,
                     (struct results){o + at * a->v_dim, lse ? lse + at : NULL,
                                      scores ? scores + at * a->kv_rows : NULL, 0, a->q_rows});
    }
}

void reference_scores(const heed_scores_args *a, struct bounded *s)
{
    const size_t group = a->q_heads / a->kv_heads;
    struct head head = {.qk_dim = a->qk_dim, .scale = head_scale(a->scale, a->qk_dim)};

    for (size_t b = 0; b < a->batch; b++) {
        for (size_t h = 0; h < a->q_heads; h++) {
            struct bounded *q = view_head(&a->q, b, h, a->q_heads, a->q_rows, a->qk_dim);
            struct bounded *k = view_head(&a->k, b, h / group, a->kv_heads, a->kv_rows, a->qk_dim);

            head.q = q, head.k = k;
            for (size_t r = 0; r < a->q_rows; r++, s += a->kv_rows)
                head_scores(&head, r, a->kv_rows, s);
            free(q), free(k);
        }
    }
}

void reference_weighted_sum(const heed_weighted_sum_args *a, struct bounded *o)
{
    const size_t group = a->q_heads / a->kv_heads, keys = a->kv_rows;

    for (size_t b = 0; b < a->batch; b++) {
        for (size_t h = 0; h < a->q_heads; h++) {
            struct bounded *w = view_head(&a->w, b, h, a->q_heads, a->q_rows, keys);
            struct bounded *v = view_head(&a->v, b, h / group, a->kv_heads, keys, a->v_dim);

            for (size_t r = 0; r < a->q_rows; r++)
                for (size_t d = 0; d < a->v_dim; d++)
                    *o++ = bounded_dot(w + r * keys, v + d, a->v_dim, keys,
                                       (double)keys + FEW_ROUNDS, 1);
            free(w), free(v);
        }
    }
}
