/* SPDX-License-Identifier: MIT */
/*
 * backward.h - gradients of attention: rows of one side are kept, those of the other
 * stream past in blocks of 64 (Dao 2023, arXiv:2307.08691, algorithm 2).
 *
 *   for each head and chunk of 1024 streamed rows    sums of its own, added in order
 *     for each block of 64 streamed rows, at absolute positions
 *       for each panel of TILE_COLS                    transposed
 *         for each group of up to TILE_ROWS kept rows    scores, gradients of weights
 *       for each group                                 weights, gradients of scores, sums
 *
 * Both kinds of task are this one loop: only the side that lse and D belong to
 * differs, and that keys also gather weighted d_o.  A number of a gradient is a chain of
 * FMAs over the streamed rows of a chunk, then a sum of chunks: no cut changes it.
 */
#ifndef HEED_KERNELS_BACKWARD_H
#define HEED_KERNELS_BACKWARD_H

#include "kernels/backward_sum.h"

static void backward_stream(const struct backward *b, struct backward_block k)
{
    const struct heed_backward_task *t = b->task;
    const struct heed_side *x = &t->streamed;
    const ptrdiff_t h = (ptrdiff_t)k.head, first = (ptrdiff_t)k.at.first_key;
    const void *qk = heed_after(x->qk, h * x->qk_head + first * x->qk_row, x->qk_type);
    const void *v = heed_after(x->v, h * x->v_head + first * x->v_row, x->v_type);

    k.qk_row = x->qk_row;
    k.v_row = x->v_row;
    k.gap = next_run(k.at.seen, next_run(k.at.seen, 0, k.at.keys).to, k.at.keys).from < k.at.keys;
    backward_products(b, &k.at, b->s.qk, x->qk_type, qk, x->qk_row, t->qk_dim, b->s.p);
    if (b->wants_scores)
        backward_products(b, &k.at, b->s.v, x->v_type, v, x->v_row, t->v_dim, b->s.ds);
    if (b->turns_biases)
        backward_turn_biases(b, &k.at, k.head);
    if (!t->keeps_queries)
        k.blind = backward_states(b, x, k.head, k.at.first_key, k.at.keys);
    if (t->d_qk)
        k.qk = backward_pad(b, &k, x->qk_type, qk, &k.qk_row, t->qk_dim, b->s.d_qk.pad,
                            b->s.streamed_qk);
    if (t->d_v)
        k.v = backward_pad(b, &k, x->v_type, v, &k.v_row, t->v_dim, b->s.d_v.pad, b->s.streamed_v);
    k.finite = backward_all_finite(b, &k);
    backward_sum_block(b, &k);
}

/* The gradients that a task makes. */
static void backward_clear(const struct backward *b)
{
    const size_t rows = b->task->rows;

    if (b->task->d_qk)
        memset(b->s.d_qk.sum, 0, rows * b->s.d_qk.pad * sizeof *b->s.d_qk.sum);
    if (b->task->d_v)
        memset(b->s.d_v.sum, 0, rows * b->s.d_v.pad * sizeof *b->s.d_v.sum);
}

static void backward_add(const struct heed_gradient *g, size_t rows)
{
    for (size_t i = 0; i < rows * g->pad; i += VF_LANES)
        vf_store(g->total + i, vf_add(vf_load(g->total + i), vf_load(g->sum + i)));
}

/* Streams a chunk of rows of a head. */
static void backward_chunk(const struct backward *b, size_t head, size_t from, size_t end)
{
    const size_t rows = b->task->rows;

    backward_clear(b);
    for (size_t at = from; at < end; at += HEED_BLOCK) {
        struct block k = {.first_key = at, .keys = end - at < HEED_BLOCK ? end - at : HEED_BLOCK};

        k.seen = backward_bits(b, &k);
        if (backward_is_seen(b, &k) && backward_look(b, &k, head))
            backward_stream(b, (struct backward_block){.head = head, .at = k});
    }
    if (b->task->d_qk)
        backward_add(&b->s.d_qk, rows);
    if (b->task->d_v)
        backward_add(&b->s.d_v, rows);
}

/* The rules of the kept rows, along the streamed rows of a head. */
static void backward_rules_of(const struct backward *b, size_t head)
{
    const struct heed_backward_task *t = b->task;

    const struct head_rules own = rules_of_head(t->rules, t->batch, t->first_q_head + head);

    for (size_t r = 0; r < t->rows; r++) {
        const ptrdiff_t row = (ptrdiff_t)(t->first_row + r);

        b->s.rules[r] = t->keeps_queries ? rules_of_row(t->rules, &own, t->sight.position, row)
                                         : rules_of_key(t->rules, &own, t->sight.position, row);
    }
}

/* From `at` on, past rows that are neither of the prefix nor seen: a chunk of them adds zeros. */
static size_t backward_next(const struct backward *b, size_t at)
{
    const size_t begin = b->any.begin / HEED_BLOCK * HEED_BLOCK;

    return at >= b->prefix && at < begin ? begin : at;
}

/* Streams what is seen of a head, chunk by chunk. */
static void backward_head(const struct backward *b, size_t head)
{
    const size_t end = b->any.end > b->prefix ? b->any.end : b->prefix;

    if (b->task->rules)
        backward_rules_of(b, head);
    for (size_t at = backward_next(b, 0), next; at < end; at = backward_next(b, next)) {
        next = at / HEED_CHUNK * HEED_CHUNK + HEED_CHUNK;
        backward_chunk(b, head, at, next < end ? next : end);
    }
}

/* A kept row in f32: where it stands, or widened. */
static void backward_keep_row(const struct backward *b, size_t r)
{
    const struct heed_backward_task *t = b->task;
    const struct heed_side *x = &t->kept;
    const ptrdiff_t row = (ptrdiff_t)(t->first_row + r);

    b->s.qk[r] = staged(x->qk_type, heed_after(x->qk, row * x->qk_row, x->qk_type), t->qk_dim,
                        b->s.kept_qk + (t->widens_qk ? r * t->qk_dim : 0));
    b->s.v[r] = staged(x->v_type, heed_after(x->v, row * x->v_row, x->v_type), t->v_dim,
                       b->s.kept_v + (t->widens_v ? r * t->v_dim : 0));
}

/*
 * The kept rows.  Keys that no query row sees are not read: a tile takes another one in their
 * place, whose weights are then hidden.  Without any nothing streams past.
 */
static void backward_keep(const struct backward *b)
{
    const size_t rows = b->task->rows;
    size_t first = 0;

    while (first < rows && !backward_reads(b, first))
        first++;
    for (size_t r = first; r < rows; r++)
        if (backward_reads(b, r))
            backward_keep_row(b, r);
    for (size_t r = 0; first < rows && r < rows; r++)
        if (!backward_reads(b, r)) {
            b->s.qk[r] = b->s.qk[first];
            b->s.v[r] = b->s.v[first];
        }
}

/* Biases stand side by side along the keys, and not along the query rows. */
static bool turns_biases(const struct backward *b)
{
    const struct heed_backward_task *t = b->task;

    return !t->keeps_queries && t->rules && t->rules->bias.data && !t->rules->bias_is_mask &&
           t->rules->bias.key_stride == 1 && b->rules.bias.key_stride != 1;
}

static struct backward backward_begin(const struct heed_backward_task *t)
{
    const struct heed_rules *rules = t->rules;
    const struct heed_backward_sizes n = {.rows = t->rows,
                                          .qk_dim = t->qk_dim,
                                          .v_dim = t->v_dim,
                                          .widens_qk = t->widens_qk,
                                          .widens_v = t->widens_v,
                                          .masks = has_masks(rules),
                                          .biases = rules && rules->bias.data};
    struct backward b = {
        .task = t,
        .groups = (t->rows + TILE_ROWS - 1) / TILE_ROWS,
        .prefix = t->keeps_queries ? (size_t)t->sight.prefix : 0,
        .moved = rules && rules->scaled,
        .masked = has_masks(rules),
        .wants_scores = t->d_qk || t->d_bias,
    };

    if (rules)
        b.rules = t->keeps_queries ? *rules : transposed_rules(rules);
    b.turns_biases = turns_biases(&b);
    heed_backward_layout(&b.s, t->scratch, &n);
    if (b.turns_biases)
        b.rules.bias = (heed_score_view){.data = b.s.biases, .dtype = HEED_F32, .key_stride = 1};
    backward_open(&b);
    backward_keep(&b);
    memset(b.s.d_qk.total, 0, t->rows * b.s.d_qk.pad * sizeof *b.s.d_qk.total);
    memset(b.s.d_v.total, 0, t->rows * b.s.d_v.pad * sizeof *b.s.d_v.total);
    /* Lanes past the rows of a block are weighed like others, and so is a dP that nobody wants. */
    memset(b.s.lse, 0, HEED_BLOCK * sizeof *b.s.lse);
    memset(b.s.d, 0, HEED_BLOCK * sizeof *b.s.d);
    memset(b.s.ds, 0, t->rows * HEED_BLOCK * sizeof *b.s.ds);
    return b;
}

/* Rows of a gradient into the output; those of blind queries are 0. */
static void backward_finish(const struct backward *b, const struct heed_gradient *g, float factor,
                            heed_dtype type, void *out, ptrdiff_t out_row, size_t dim)
{
    const struct heed_backward_task *t = b->task;

    for (size_t r = 0; r < t->rows; r++) {
        const bool blind = t->keeps_queries && b->s.lse[r] == -INFINITY;
        float *x = g->total + r * g->pad;

        for (size_t d = 0; d < dim; d += VF_LANES)
            vf_store(x + d, blind ? vf_zero() : vf_mul(vf_load(x + d), vf_set1(factor)));
        narrow_row(type, x, dim, written(out, (ptrdiff_t)(t->first_row + r) * out_row, type));
    }
}

static void backward(const struct heed_backward_task *t)
{
    const struct backward b = backward_begin(t);

    if (t->keeps_queries)
        backward_states(&b, &t->kept, 0, t->first_row, t->rows);
    for (size_t head = 0; head < t->heads; head++)
        backward_head(&b, head);
    if (t->d_qk)
        backward_finish(&b, &b.s.d_qk, t->scale, t->d_qk_type, t->d_qk, t->d_qk_row, t->qk_dim);
    if (t->d_v)
        backward_finish(&b, &b.s.d_v, 1.0f, t->d_v_type, t->d_v, t->d_v_row, t->v_dim);
}

#endif
