/* SPDX-License-Identifier: MIT */
/* check_backward.c - gradients of attention: shapes, layouts, groups, masks, rules, types. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bias_gradient.h"
#include "operations.h"
#include "trial_layout.h"
#include "trial_rules.h"
#include "types.h"

enum { PROBLEMS = 75, MOST_WORK = 1 << 19 };

static heed_status operation(const void *args)
{
    return heed_attention_backward(args);
}

static size_t work(const heed_attention_backward_args *a)
{
    return a->batch * a->q_heads * a->q_rows * (a->kv_rows + 1) * (a->qk_dim + a->v_dim);
}

/* Now and then more rows than keys: what streams past is long for either kind of task. */
static heed_attention_backward_args draw_sizes(struct trial *trial)
{
    struct random *random = &trial->random;
    heed_attention_backward_args a = {HEED_SIZED(heed_attention_backward_args), .isa = trial->isa};

    do {
        const size_t keys = trial_keys(trial), rows = trial_rows(trial);
        const bool swapped = keys && random_once_in(random, 3);

        a.batch = 1 + random_below(random, 3);
        a.kv_heads = 1 + random_below(random, 3);
        a.q_heads = a.kv_heads * (1 + random_below(random, 4));
        a.kv_rows = swapped ? rows : keys;
        a.q_rows = swapped ? keys : rows;
        a.qk_dim = trial_dim(trial);
        a.v_dim = random_once_in(random, 2) ? a.qk_dim : trial_dim(trial);
    } while (work(&a) > MOST_WORK);
    return a;
}

/* Also the rules, which are named in `text`. */
static void draw_options(struct trial *trial, heed_attention_backward_args *a, char *text,
                         size_t size)
{
    static const heed_mask masks[] = {HEED_MASK_NONE, HEED_MASK_CAUSAL, HEED_MASK_CAUSAL_FROM};
    static const float scales[] = {0.0f, 0.0f, 0.0f, 1.0f, 0.3f, -0.2f};
    const size_t span = a->q_rows + a->kv_rows + 4;

    a->scale = RANDOM_OF(&trial->random, scales);
    a->mask = RANDOM_OF(&trial->random, masks);
    if (a->mask == HEED_MASK_CAUSAL_FROM)
        a->q_position = (ptrdiff_t)random_below(&trial->random, span) - (ptrdiff_t)a->q_rows - 2;
    a->parallel = trial_parallel(trial);
    snprintf(text, size, "no rules");
    if (trial->index % 3 == 0)
        return;

    heed_attention_args forward = reference_forward(a);
    trial_rules(trial, &forward, true, text, size);
    a->kv_lengths = forward.kv_lengths;
    a->q_positions = forward.q_positions;
    a->window_left = forward.window_left;
    a->window_right = forward.window_right;
    a->local_chunk = forward.local_chunk;
    a->prefix = forward.prefix;
    a->softcap = forward.softcap;
    a->alibi_slopes = forward.alibi_slopes;
    a->bias = forward.bias;
    a->visible = forward.visible;
    a->blocks = forward.blocks;
    a->block_rows = forward.block_rows;
    a->block_keys = forward.block_keys;
    a->sinks = forward.sinks;
}

/* Sequences of their own lengths now and then. */
static struct extents draw_layout(struct trial *trial, heed_attention_backward_args *a)
{
    heed_attention_args forward = reference_forward(a);
    const struct extents e = trial_ragged(trial, &forward, random_once_in(&trial->random, 4));

    a->q_offsets = forward.q_offsets;
    a->kv_offsets = forward.kv_offsets;
    return e;
}

static void fill_from(const struct tensor *tensor, const struct bounded *numbers)
{
    const struct shape *shape = &tensor->shape;

    for (size_t i = 0; i < shape_count(*shape); i++) {
        const size_t r = i / shape->dim % shape->rows, h = i / shape->dim / shape->rows;

        tensor_set(tensor, h / shape->heads, h % shape->heads, r, i % shape->dim,
                   (float)numbers[i].value);
    }
}

/* An input none of whose numbers stand for two: each is a result of its own. */
static struct tensor *draw_result(struct trial *trial, heed_dtype type, struct shape shape)
{
    struct tensor *tensor = trial_output_of(trial, type, shape);

    tensor->input = true;
    return tensor;
}

/* o and lse as attention leaves them. */
static void draw_results(struct trial *trial, heed_attention_backward_args *a,
                         const struct extents *e)
{
    const struct shape results = {e->q_batch, a->q_heads, e->q_rows, a->v_dim};
    const struct shape rows = {e->q_batch, a->q_heads, e->q_rows, 1};
    const heed_attention_args forward = reference_forward(a);
    const struct tensor *o = draw_result(trial, problem_dtype(trial), results);
    const struct tensor *lse = draw_result(trial, HEED_F32, rows);
    struct bounded *numbers = calloc(shape_count(results) + shape_count(rows) + 1, sizeof *numbers);

    reference_attention(&forward, numbers, numbers + shape_count(results), NULL);
    fill_from(o, numbers);
    fill_from(lse, numbers + shape_count(results));
    free(numbers);
    a->o = tensor_input(o);
    a->lse = tensor_input(lse);
}

/* A NaN, which only those that see it may notice. */
static void poison(struct trial *trial, const struct tensor *tensor)
{
    const struct shape *shape = &tensor->shape;

    if (shape_count(*shape))
        tensor_set(tensor, random_below(&trial->random, shape->batch),
                   random_below(&trial->random, shape->heads),
                   random_below(&trial->random, shape->rows),
                   random_below(&trial->random, shape->dim), NAN);
}

static heed_input draw_input(struct trial *trial, struct shape shape, float range, bool poisoned)
{
    const struct tensor *tensor = trial_input_of(trial, problem_dtype(trial), shape, -range, range);

    if (poisoned && random_once_in(&trial->random, 2))
        poison(trial, tensor);
    return tensor_input(tensor);
}

/* Where there is a NaN, scores stay small: where a weight may count as 0, so may the NaN. */
static void draw_tensors(struct trial *trial, heed_attention_backward_args *a,
                         const struct extents *e)
{
    const struct shape q = {e->q_batch, a->q_heads, e->q_rows, a->qk_dim};
    const struct shape k = {e->kv_batch, a->kv_heads, e->kv_rows, a->qk_dim};
    const struct shape v = {e->kv_batch, a->kv_heads, e->kv_rows, a->v_dim};
    const struct shape o = {e->q_batch, a->q_heads, e->q_rows, a->v_dim};
    const bool poisoned = random_once_in(&trial->random, 4);
    const bool large = !poisoned && random_once_in(&trial->random, 5);

    if (poisoned)
        a->scale = 0.0f;
    a->q = draw_input(trial, q, large ? 30.0f : 2.0f, poisoned);
    a->k = draw_input(trial, k, 1.5f, poisoned);
    a->v = draw_input(trial, v, 1.0f, poisoned);
    a->d_o = draw_input(trial, o, 1.0f, poisoned);
}

static void describe(struct trial *trial, const heed_attention_backward_args *a, const char *rules)
{
    trial_describe(
        trial,
        "batch %zu, heads %zu over %zu, rows %zu over %zu, dims %zu and %zu, scale %g, "
        "mask %d from %td, %s%s%s%s%s%s%s, types %d %d %d %d %d to %d %d %d, workers "
        "%zu, row strides q %td, k %td, v %td, o %td, d_o %td, d_bias %td %td %td %td",
        a->batch, a->q_heads, a->kv_heads, a->q_rows, a->kv_rows, a->qk_dim, a->v_dim,
        (double)a->scale, (int)a->mask, a->q_position, rules, a->d_q.data ? ", d_q" : "",
        a->d_k.data ? ", d_k" : "", a->d_v.data ? ", d_v" : "", a->d_bias.data ? ", d_bias" : "",
        a->d_sinks ? ", d_sinks" : "", a->workspace ? ", workspace" : "", (int)a->q.dtype,
        (int)a->k.dtype, (int)a->v.dtype, (int)a->o.dtype, (int)a->d_o.dtype, (int)a->d_q.dtype,
        (int)a->d_k.dtype, (int)a->d_v.dtype, a->parallel.workers, a->q.row_stride, a->k.row_stride,
        a->v.row_stride, a->o.row_stride, a->d_o.row_stride, a->d_bias.batch_stride,
        a->d_bias.head_stride, a->d_bias.row_stride, a->d_bias.key_stride);
}

/* One gradient: where it goes, unless nobody asks for it, and what is wanted there. */
struct gradient {
    const char *name;
    const struct tensor *tensor;
    struct bounded *want;
};

static struct gradient draw_gradient(struct trial *trial, const char *name, struct shape shape,
                                     heed_output *view)
{
    struct gradient g = {.name = name, .want = trial_wanted(trial, shape_count(shape))};

    if (!random_once_in(&trial->random, 4)) {
        g.tensor = trial_output_of(trial, problem_dtype(trial), shape);
        *view = tensor_output(g.tensor);
    }
    return g;
}

static bool gradient_accepted(struct trial *trial, const struct gradient *g)
{
    if (!g->tensor)
        return true;
    overflow_to(g->tensor->dtype, g->want, shape_count(g->tensor->shape));
    return trial_accepts(trial, g->name, g->tensor, g->want) &&
           trial_untouched(trial, g->name, g->tensor);
}

/* The gradients of what only some calls have. */
struct extras {
    const struct tensor *d_bias;
    struct gradient d_sinks;
    struct bounded *d_scores;
};

static struct extras draw_extras(struct trial *trial, heed_attention_backward_args *a)
{
    struct extras x = {.d_sinks = {.name = "d_sinks"}};

    if (random_once_in(&trial->random, a->bias.data ? 2 : 5)) {
        x.d_bias = bias_gradient_draw(trial, a);
        x.d_scores = trial_wanted(trial, a->batch * a->q_heads * a->q_rows * a->kv_rows);
    }
    if (a->sinks && random_once_in(&trial->random, 2)) {
        x.d_sinks.tensor = trial_output(trial, (struct shape){1, 1, 1, a->q_heads});
        x.d_sinks.want = trial_wanted(trial, a->q_heads);
        a->d_sinks = x.d_sinks.tensor->first;
    }
    return x;
}

static bool problem(struct trial *trial)
{
    char rules[TRIAL_TEXT / 2];
    heed_attention_backward_args a = draw_sizes(trial);
    const struct extents e = draw_layout(trial, &a);
    const struct shape q = {e.q_batch, a.q_heads, e.q_rows, a.qk_dim};
    const struct shape k = {e.kv_batch, a.kv_heads, e.kv_rows, a.qk_dim};
    const struct shape v = {e.kv_batch, a.kv_heads, e.kv_rows, a.v_dim};
    size_t bytes = 0;

    draw_options(trial, &a, rules, sizeof rules);
    draw_tensors(trial, &a, &e);
    draw_results(trial, &a, &e);
    const struct gradient d_q = draw_gradient(trial, "d_q", q, &a.d_q);
    const struct gradient d_k = draw_gradient(trial, "d_k", k, &a.d_k);
    const struct gradient d_v = draw_gradient(trial, "d_v", v, &a.d_v);
    const struct extras x = draw_extras(trial, &a);
    if (heed_attention_backward_workspace(&a, &bytes) != HEED_OK)
        return trial_fails(trial, "no workspace size");
    a.workspace = trial_workspace(trial, bytes, &a.workspace_size);
    describe(trial, &a, rules);
    reference_backward(&a, &(struct reference_gradients){d_q.want, d_k.want, d_v.want, x.d_scores,
                                                         x.d_sinks.want});
    return trial_call(trial, operation, &a) && gradient_accepted(trial, &d_q) &&
           gradient_accepted(trial, &d_k) && gradient_accepted(trial, &d_v) &&
           (!x.d_bias || bias_gradient_accepts(trial, &a, x.d_bias, x.d_scores)) &&
           gradient_accepted(trial, &x.d_sinks);
}

bool check_backward(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem, PROBLEMS, isa, seed, detail, detail_size);
}
