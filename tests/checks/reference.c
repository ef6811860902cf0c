/* SPDX-License-Identifier: MIT */
/* reference.c - the operations on queries, keys and values. */
#include "reference.h"

#include <stdlib.h>

#include "head.h"
#include "view.h"

void reference_attention(const heed_attention_args *a, struct bounded *o, struct bounded *lse)
{
    const size_t group = a->q_heads / a->kv_heads;
    struct head head = {.q_rows = a->q_rows,
                        .kv_rows = a->kv_rows,
                        .qk_dim = a->qk_dim,
                        .v_dim = a->v_dim,
                        .scale = head_scale(a->scale, a->qk_dim),
                        .rules = a};

    for (size_t b = 0; b < a->batch; b++) {
        for (size_t h = 0; h < a->q_heads; h++) {
            struct bounded *q = view_head(&a->q, b, h, a->q_heads, a->q_rows, a->qk_dim);
            struct bounded *k = view_head(&a->k, b, h / group, a->kv_heads, a->kv_rows, a->qk_dim);
            struct bounded *v = view_head(&a->v, b, h / group, a->kv_heads, a->kv_rows, a->v_dim);

            head.q = q, head.k = k, head.v = v, head.b = b, head.h = h;
            head_attention(&head, o, lse);
            o += a->q_rows * a->v_dim;
            lse += lse ? a->q_rows : 0;
            free(q), free(k), free(v);
        }
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
