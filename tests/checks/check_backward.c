/* SPDX-License-Identifier: MIT */
/* check_backward.c - gradients of attention: shapes, layouts, groups, masks, workspace. */
#include <stdlib.h>

#include "operations.h"
#include "trial.h"

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

static void draw_options(struct trial *trial, heed_attention_backward_args *a)
{
    static const heed_mask masks[] = {HEED_MASK_NONE, HEED_MASK_CAUSAL, HEED_MASK_CAUSAL_FROM};
    static const float scales[] = {0.0f, 0.0f, 0.0f, 1.0f, 0.3f, -0.2f};
    const size_t span = a->q_rows + a->kv_rows + 4;

    a->scale = RANDOM_OF(&trial->random, scales);
    a->mask = RANDOM_OF(&trial->random, masks);
    if (a->mask == HEED_MASK_CAUSAL_FROM)
        a->q_position = (ptrdiff_t)random_below(&trial->random, span) - (ptrdiff_t)a->q_rows - 2;
    a->parallel = trial_parallel(trial);
}

static void fill_from(const struct tensor *tensor, const struct bounded *numbers)
{
    const struct shape *shape = &tensor->shape;

    for (size_t i = 0; i < shape_count(*shape); i++) {
        const size_t r = i / shape->dim % shape->rows, h = i / shape->dim / shape->rows;

        *tensor_at(tensor, h / shape->heads, h % shape->heads, r, i % shape->dim) =
            (float)numbers[i].value;
    }
}

/* An input none of whose numbers stand for two: each is a result of its own. */
static struct tensor *draw_result(struct trial *trial, struct shape shape)
{
    struct tensor *tensor = trial_output(trial, shape);

    tensor->input = true;
    return tensor;
}

/* o and lse as attention leaves them. */
static void draw_results(struct trial *trial, heed_attention_backward_args *a)
{
    const struct shape results = {a->batch, a->q_heads, a->q_rows, a->v_dim};
    const struct shape rows = {a->batch, a->q_heads, a->q_rows, 1};
    const heed_attention_args forward = {
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
    };
    const struct tensor *o = draw_result(trial, results), *lse = draw_result(trial, rows);
    struct bounded *numbers = calloc(shape_count(results) + shape_count(rows) + 1, sizeof *numbers);

    reference_attention(&forward, numbers, numbers + shape_count(results), NULL);
    fill_from(o, numbers);
    fill_from(lse, numbers + shape_count(results));
    free(numbers);
    a->o = tensor_input(o);
    a->lse = tensor_input(lse);
}

static void draw_tensors(struct trial *trial, heed_attention_backward_args *a)
{
    const struct shape q = {a->batch, a->q_heads, a->q_rows, a->qk_dim};
    const struct shape k = {a->batch, a->kv_heads, a->kv_rows, a->qk_dim};
    const struct shape v = {a->batch, a->kv_heads, a->kv_rows, a->v_dim};
    const struct shape o = {a->batch, a->q_heads, a->q_rows, a->v_dim};
    const float q_range = random_once_in(&trial->random, 5) ? 30.0f : 2.0f;

    a->q = tensor_input(trial_input(trial, q, -q_range, q_range));
    a->k = tensor_input(trial_input(trial, k, -1.5f, 1.5f));
    a->v = tensor_input(trial_input(trial, v, -1.0f, 1.0f));
    a->d_o = tensor_input(trial_input(trial, o, -1.0f, 1.0f));
}

static void describe(struct trial *trial, const heed_attention_backward_args *a)
{
    trial_describe(trial,
                   "batch %zu, heads %zu over %zu, rows %zu over %zu, dims %zu and %zu, scale %g, "
                   "mask %d from %td%s%s%s%s, workers %zu, row strides q %td, k %td, v %td, o %td, "
                   "d_o %td, d_q %td, d_k %td, d_v %td",
                   a->batch, a->q_heads, a->kv_heads, a->q_rows, a->kv_rows, a->qk_dim, a->v_dim,
                   (double)a->scale, (int)a->mask, a->q_position, a->d_q.data ? ", d_q" : "",
                   a->d_k.data ? ", d_k" : "", a->d_v.data ? ", d_v" : "",
                   a->workspace ? ", workspace" : "", a->parallel.workers, a->q.row_stride,
                   a->k.row_stride, a->v.row_stride, a->o.row_stride, a->d_o.row_stride,
                   a->d_q.row_stride, a->d_k.row_stride, a->d_v.row_stride);
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
        g.tensor = trial_output(trial, shape);
        *view = tensor_output(g.tensor);
    }
    return g;
}

static bool gradient_accepted(struct trial *trial, const struct gradient *g)
{
    return !g->tensor || (trial_accepts(trial, g->name, g->tensor, g->want) &&
                          trial_untouched(trial, g->name, g->tensor));
}

static bool problem(struct trial *trial)
{
    heed_attention_backward_args a = draw_sizes(trial);
    const struct shape q = {a.batch, a.q_heads, a.q_rows, a.qk_dim};
    const struct shape k = {a.batch, a.kv_heads, a.kv_rows, a.qk_dim};
    const struct shape v = {a.batch, a.kv_heads, a.kv_rows, a.v_dim};
    size_t bytes = 0;

    draw_options(trial, &a);
    draw_tensors(trial, &a);
    draw_results(trial, &a);
    const struct gradient d_q = draw_gradient(trial, "d_q", q, &a.d_q);
    const struct gradient d_k = draw_gradient(trial, "d_k", k, &a.d_k);
    const struct gradient d_v = draw_gradient(trial, "d_v", v, &a.d_v);
    if (heed_attention_backward_workspace(&a, &bytes) != HEED_OK)
        return trial_fails(trial, "no workspace size");
    a.workspace = trial_workspace(trial, bytes, &a.workspace_size);
    describe(trial, &a);
    reference_backward(&a, d_q.want, d_k.want, d_v.want);
    return trial_call(trial, operation, &a) && gradient_accepted(trial, &d_q) &&
           gradient_accepted(trial, &d_k) && gradient_accepted(trial, &d_v);
}

bool check_backward(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem, PROBLEMS, isa, seed, detail, detail_size);
}
