/* SPDX-License-Identifier: MIT */
/* reference_backward.c - the gradients of attention, head by head. */
#include <stdlib.h>

#include "gradients.h"
#include "head.h"
#include "view.h"

static void one_head(const heed_attention_backward_args *a, size_t b, size_t head,
                     const struct gradients *to)
{
    const size_t group = a->q_heads / a->kv_heads;
    struct bounded *q = view_head(&a->q, b, head, a->q_heads, a->q_rows, a->qk_dim);
    struct bounded *k = view_head(&a->k, b, head / group, a->kv_heads, a->kv_rows, a->qk_dim);
    struct bounded *v = view_head(&a->v, b, head / group, a->kv_heads, a->kv_rows, a->v_dim);
    struct bounded *o = view_head(&a->o, b, head, a->q_heads, a->q_rows, a->v_dim);
    struct bounded *d_o = view_head(&a->d_o, b, head, a->q_heads, a->q_rows, a->v_dim);
    struct bounded *lse = view_head(&a->lse, b, head, a->q_heads, a->q_rows, 1);
    const struct backward_head h = {
        .q = q,
        .k = k,
        .v = v,
        .o = o,
        .d_o = d_o,
        .lse = lse,
        .q_rows = a->q_rows,
        .kv_rows = a->kv_rows,
        .qk_dim = a->qk_dim,
        .v_dim = a->v_dim,
        .group = group,
        .scale = head_scale(a->scale, a->qk_dim),
        .mask = a->mask,
        .q_position = a->q_position,
    };

    backward_head(&h, to);
    free(q), free(k), free(v), free(o), free(d_o), free(lse);
}

void reference_backward(const heed_attention_backward_args *a, struct bounded *d_q,
                        struct bounded *d_k, struct bounded *d_v)
{
    const size_t group = a->q_heads / a->kv_heads, kv = a->batch * a->kv_heads * a->kv_rows;

    for (size_t i = 0; i < kv * a->qk_dim; i++)
        d_k[i] = (struct bounded){0};
    for (size_t i = 0; i < kv * a->v_dim; i++)
        d_v[i] = (struct bounded){0};
    for (size_t head = 0; head < a->batch * a->q_heads; head++) {
        const size_t kv_head = head / group; /* of all batches, like head */
        const struct gradients to = {
            d_q + head * a->q_rows * a->qk_dim,
            d_k + kv_head * a->kv_rows * a->qk_dim,
            d_v + kv_head * a->kv_rows * a->v_dim,
        };

        one_head(a, head / a->q_heads, head % a->q_heads, &to);
    }
}
