/* SPDX-License-Identifier: MIT */
/* reference_backward.c - the gradients of attention, head by head. */
#include <math.h>
#include <stdlib.h>

#include "gradients.h"
#include "head.h"
#include "view.h"

heed_attention_args reference_forward(const heed_attention_backward_args *a)
{
    return (heed_attention_args){
        HEED_SIZED(heed_attention_args),
        .batch = a->batch,
        .q_heads = a->q_heads,
        .kv_heads = a->kv_heads,
        .q_rows = a->q_rows,
        .kv_rows = a->kv_rows,
        .qk_dim = a->qk_dim,
        .v_dim = a->v_dim,
        .q = a->q,
        .k = a->k,
        .v = a->v,
        .scale = a->scale,
        .mask = a->mask,
        .q_position = a->q_position,
        .isa = a->isa,
        .kv_lengths = a->kv_lengths,
        .q_positions = a->q_positions,
        .window_left = a->window_left,
        .window_right = a->window_right,
        .local_chunk = a->local_chunk,
        .prefix = a->prefix,
        .softcap = a->softcap,
        .alibi_slopes = a->alibi_slopes,
        .bias = a->bias,
        .visible = a->visible,
        .blocks = a->blocks,
        .block_rows = a->block_rows,
        .block_keys = a->block_keys,
        .q_offsets = a->q_offsets,
        .kv_offsets = a->kv_offsets,
        .sinks = a->sinks,
    };
}

/* Where the rows of a batch stand: rows [first, first + count) of `rows` in each head. */
struct place {
    size_t batch, rows, first, count;
};

static struct place place_of(const int32_t *offsets, size_t batches, size_t b, size_t rows)
{
    if (!offsets)
        return (struct place){b, rows, 0, rows};
    return (struct place){0, (size_t)offsets[batches], (size_t)offsets[b],
                          (size_t)(offsets[b + 1] - offsets[b])};
}

static struct bounded *rows_at(const heed_input *view, const struct place *at, size_t h,
                               size_t heads, size_t dim)
{
    return view_rows(view, at->batch, h, heads, at->rows, at->first, at->count, dim);
}

/* The numbers of a dense result. */
static struct bounded *result_at(struct bounded *x, const struct place *at, size_t h, size_t heads,
                                 size_t dim)
{
    return x + ((at->batch * heads + h) * at->rows + at->first) * dim;
}

static void one_head(const heed_attention_backward_args *a, const heed_attention_args *rules,
                     size_t b, size_t h, const struct reference_gradients *to)
{
    const size_t group = a->q_heads / a->kv_heads, kv = h / group;
    const struct place rows = place_of(a->q_offsets, a->batch, b, a->q_rows);
    const struct place keys = place_of(a->kv_offsets, a->batch, b, a->kv_rows);
    struct bounded *q = rows_at(&a->q, &rows, h, a->q_heads, a->qk_dim);
    struct bounded *k = rows_at(&a->k, &keys, kv, a->kv_heads, a->qk_dim);
    struct bounded *v = rows_at(&a->v, &keys, kv, a->kv_heads, a->v_dim);
    struct bounded *o = rows_at(&a->o, &rows, h, a->q_heads, a->v_dim);
    struct bounded *d_o = rows_at(&a->d_o, &rows, h, a->q_heads, a->v_dim);
    struct bounded *lse = rows_at(&a->lse, &rows, h, a->q_heads, 1);
    const struct backward_head head = {
        .q = q,
        .k = k,
        .v = v,
        .o = o,
        .d_o = d_o,
        .lse = lse,
        .q_rows = rows.count,
        .kv_rows = keys.count,
        .qk_dim = a->qk_dim,
        .v_dim = a->v_dim,
        .group = group,
        .scale = head_scale(a->scale, a->qk_dim),
        .rules = rules,
        .b = b,
        .h = h,
    };
    const struct gradients mine = {
        .d_q = result_at(to->d_q, &rows, h, a->q_heads, a->qk_dim),
        .d_k = result_at(to->d_k, &keys, kv, a->kv_heads, a->qk_dim),
        .d_v = result_at(to->d_v, &keys, kv, a->kv_heads, a->v_dim),
        .d_scores =
            to->d_scores ? to->d_scores + (b * a->q_heads + h) * a->q_rows * a->kv_rows : NULL,
        .d_scores_row = a->kv_rows,
        .d_sink = to->d_sinks ? to->d_sinks + h : NULL,
    };

    backward_head(&head, &mine);
    free(q), free(k), free(v), free(o), free(d_o), free(lse);
}

/* Zeros, but NaN, as blank memory is, for rows of no sequence: those before the first. */
static void begin(struct bounded *x, const int32_t *offsets, size_t batch, size_t heads,
                  size_t rows, size_t dim)
{
    const struct place at = place_of(offsets, batch, 0, rows);

    for (size_t i = 0; i < (offsets ? 1 : batch) * heads * at.rows * dim; i++)
        x[i] = (struct bounded){i / dim % at.rows < at.first ? NAN : 0, 0};
}

void reference_backward(const heed_attention_backward_args *a, const struct reference_gradients *to)
{
    const heed_attention_args rules = reference_forward(a);

    begin(to->d_q, a->q_offsets, a->batch, a->q_heads, a->q_rows, a->qk_dim);
    begin(to->d_k, a->kv_offsets, a->batch, a->kv_heads, a->kv_rows, a->qk_dim);
    begin(to->d_v, a->kv_offsets, a->batch, a->kv_heads, a->kv_rows, a->v_dim);
    for (size_t i = 0; to->d_scores && i < a->batch * a->q_heads * a->q_rows * a->kv_rows; i++)
        to->d_scores[i] = (struct bounded){0};
    for (size_t h = 0; to->d_sinks && h < a->q_heads; h++)
        to->d_sinks[h] = (struct bounded){0};
    for (size_t b = 0; b < a->batch; b++)
        for (size_t h = 0; h < a->q_heads; h++)
            one_head(a, &rules, b, h, to);
    for (size_t h = 0; to->d_sinks && h < a->q_heads; h++) /* rounded once */
        to->d_sinks[h].error += UNIT_ROUNDOFF * fabs(to->d_sinks[h].value);
}
