/* SPDX-License-Identifier: MIT */
/*
 * check_unseen_backward.c - the same of gradients: keys and values that no query row sees by its
 * position, and what biases and masks say of them, are never read.
 */
#include <stdio.h>
#include <stdlib.h>

#include "operations.h"
#include "trial_layout.h"
#include "trial_rules.h"
#include "types.h"
#include "unseen.h"

enum { PROBLEMS = 60, MOST_WORK = 1 << 19, MOST_ROWS = 1500 };

static heed_status operation(const void *args)
{
    return heed_attention_backward(args);
}

static heed_attention_args draw_sizes(struct trial *trial)
{
    static const size_t keys[] = {17, 63, 64, 65, 100, 130, 200, 300, 1100};
    static const size_t dims[] = {1, 8, 16, 17, 32, 40, 64};
    struct random *random = &trial->random;
    heed_attention_args a = {HEED_SIZED(heed_attention_args), .isa = trial->isa};

    do {
        a.batch = 1 + random_below(random, 2);
        a.kv_heads = 1 + random_below(random, 2);
        a.q_heads = a.kv_heads * (1 + random_below(random, 3));
        a.kv_rows = RANDOM_OF(random, keys);
        a.q_rows = trial_rows(trial);
        a.qk_dim = RANDOM_OF(random, dims);
        a.v_dim = random_once_in(random, 2) ? a.qk_dim : RANDOM_OF(random, dims);
    } while (a.batch * a.kv_heads * a.kv_rows > MOST_ROWS ||
             a.batch * a.q_heads * a.q_rows * a.kv_rows * (a.qk_dim + a.v_dim) > MOST_WORK);
    return a;
}

static void draw_positions(struct trial *trial, heed_attention_args *a)
{
    struct random *random = &trial->random;

    if (random_once_in(random, 2))
        a->window_left = 1 + random_below(random, 80);
    if (random_once_in(random, 3))
        a->prefix = 1 + random_below(random, 70);
    a->mask = random_once_in(random, 2) ? HEED_MASK_CAUSAL_FROM : HEED_MASK_CAUSAL;
    a->q_position = (ptrdiff_t)random_below(random, a->kv_rows + 4) - 2;
}

struct operands {
    struct tensor *q, *k, *v, *o, *d_o, *lse;
};

static struct operands draw_operands(struct trial *trial, const heed_attention_args *a,
                                     const struct extents *e)
{
    const struct shape q = {e->q_batch, a->q_heads, e->q_rows, a->qk_dim};
    const struct shape k = {e->kv_batch, a->kv_heads, e->kv_rows, a->qk_dim};
    const struct shape v = {e->kv_batch, a->kv_heads, e->kv_rows, a->v_dim};
    const struct shape o = {e->q_batch, a->q_heads, e->q_rows, a->v_dim};
    const struct shape lse = {e->q_batch, a->q_heads, e->q_rows, 1};

    return (struct operands){trial_input_of(trial, problem_dtype(trial), q, -2, 2),
                             trial_input_of(trial, problem_dtype(trial), k, -1, 1),
                             trial_input_of(trial, problem_dtype(trial), v, -1, 1),
                             trial_input_of(trial, problem_dtype(trial), o, -1, 1),
                             trial_input_of(trial, problem_dtype(trial), o, -1, 1),
                             trial_input(trial, lse, 2, 4)}; /* any will do */
}

/* The call of these rules and operands. */
static heed_attention_backward_args gradients_of(const heed_attention_args *a,
                                                 const struct operands *op)
{
    return (heed_attention_backward_args){
        HEED_SIZED(heed_attention_backward_args),
        .batch = a->batch,
        .q_heads = a->q_heads,
        .kv_heads = a->kv_heads,
        .q_rows = a->q_rows,
        .kv_rows = a->kv_rows,
        .qk_dim = a->qk_dim,
        .v_dim = a->v_dim,
        .q = tensor_input(op->q),
        .k = tensor_input(op->k),
        .v = tensor_input(op->v),
        .o = tensor_input(op->o),
        .d_o = tensor_input(op->d_o),
        .lse = tensor_input(op->lse),
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

struct gradients {
    const struct tensor *d_q, *d_k, *d_v, *d_bias;
};

static struct gradients draw_gradients(struct trial *trial, heed_attention_backward_args *a,
                                       const struct operands *op, bool bias)
{
    const struct shape all = {a->batch, a->q_heads, a->q_rows, a->kv_rows};
    const struct gradients g = {trial_output(trial, op->q->shape),
                                trial_output(trial, op->k->shape),
                                trial_output(trial, op->v->shape), trial_output(trial, all)};

    a->d_q = tensor_output(g.d_q);
    a->d_k = tensor_output(g.d_k);
    a->d_v = tensor_output(g.d_v);
    if (bias)
        a->d_bias = (heed_score_output){g.d_bias->first,        HEED_F32,
                                        g.d_bias->batch_stride, g.d_bias->head_stride,
                                        g.d_bias->row_stride,   1};
    a->parallel = trial_parallel(trial);
    return g;
}

static bool problem(struct trial *trial)
{
    char rules[TRIAL_TEXT / 2] = "no rules";
    heed_attention_args a = draw_sizes(trial);
    const struct extents e = trial_ragged(trial, &a, random_once_in(&trial->random, 3));
    const struct operands op = draw_operands(trial, &a, &e);
    const bool bias = random_once_in(&trial->random, 2);

    draw_positions(trial, &a);
    if (random_once_in(&trial->random, 2))
        trial_rules(trial, &a, true, rules, sizeof rules);
    trial_describe(trial,
                   "batch %zu, heads %zu over %zu, rows %zu over %zu, dims %zu and %zu, mask %d "
                   "from %td, types %d %d %d %d %d, %s%s",
                   a.batch, a.q_heads, a.kv_heads, a.q_rows, a.kv_rows, a.qk_dim, a.v_dim,
                   (int)a.mask, a.q_position, (int)op.q->dtype, (int)op.k->dtype, (int)op.v->dtype,
                   (int)op.o->dtype, (int)op.d_o->dtype, rules, bias ? ", d_bias" : "");

    heed_attention_backward_args open = gradients_of(&a, &op), closed = open;
    const struct gradients want = draw_gradients(trial, &open, &op, bias);
    if (!trial_call(trial, operation, &open))
        return false;
    const struct gradients got = draw_gradients(trial, &closed, &op, bias);
    const struct readable rows = readable_rows(&a, op.k->shape);
    closed.k = unseen_rows(trial, op.k, &rows);
    closed.v = unseen_rows(trial, op.v, &rows);
    free(rows.row);
    unseen_scores(trial, &a, &closed.bias, &closed.visible, &closed.blocks);
    return trial_call(trial, operation, &closed) && unseen_same(trial, "d_q", want.d_q, got.d_q) &&
           unseen_same(trial, "d_k", want.d_k, got.d_k) &&
           unseen_same(trial, "d_v", want.d_v, got.d_v) &&
           (!bias || unseen_same(trial, "d_bias", want.d_bias, got.d_bias));
}

bool check_unseen_backward(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem, PROBLEMS, isa, seed, detail, detail_size);
}
