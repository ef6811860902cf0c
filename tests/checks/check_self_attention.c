/* SPDX-License-Identifier: MIT */
/* check_self_attention.c - projections and attention in one call. */
#include "operations.h"
#include "types.h"

enum { PROBLEMS = 50, MOST_WORK = 1 << 20 };

static heed_status operation(const void *args)
{
    return heed_self_attention(args);
}

static heed_self_attention_args draw_sizes(struct trial *trial)
{
    struct random *random = &trial->random;
    heed_self_attention_args a = {HEED_SIZED(heed_self_attention_args), .isa = trial->isa};
    size_t columns;

    do {
        a.batch = 1 + random_below(random, 3);
        a.rows = random_once_in(random, 2) ? trial_rows(trial) : trial_keys(trial);
        a.model_dim = trial_dim(trial);
        a.kv_heads = 1 + random_below(random, 3);
        a.q_heads = a.kv_heads * (1 + random_below(random, 3));
        a.qk_dim = trial_dim(trial);
        a.v_dim = trial_dim(trial);
        columns = (a.q_heads + a.kv_heads) * (a.qk_dim + a.v_dim);
    } while (a.batch * (a.rows + 1) * columns * (a.model_dim + a.rows) > MOST_WORK);
    a.mask = random_once_in(random, 2) ? HEED_MASK_CAUSAL : HEED_MASK_NONE;
    a.scale = random_once_in(random, 3) ? 0.4f : 0.0f;
    a.parallel = trial_parallel(trial);
    return a;
}

/* Weights that keep the projections near 1 whatever the number of terms. */
static heed_input draw_weights(struct trial *trial, size_t in_dim, size_t out_dim)
{
    const float range = in_dim < 16 ? 1.0f : 0.25f;

    return tensor_input(trial_input_of(trial, problem_dtype(trial),
                                       (struct shape){1, 1, in_dim, out_dim}, -range, range));
}

static heed_input draw_bias(struct trial *trial, size_t dim)
{
    if (random_once_in(&trial->random, 2))
        return (heed_input){0};
    return tensor_input(
        trial_input_of(trial, problem_dtype(trial), (struct shape){1, 1, 1, dim}, -0.5f, 0.5f));
}

static void draw_inputs(struct trial *trial, heed_self_attention_args *a)
{
    const size_t q_dim = a->q_heads * a->qk_dim, k_dim = a->kv_heads * a->qk_dim;
    const size_t v_dim = a->kv_heads * a->v_dim;
    const struct shape x = {a->batch, 1, a->rows, a->model_dim};

    a->x = tensor_input(trial_input_of(trial, problem_dtype(trial), x, -1.0f, 1.0f));
    a->wq = draw_weights(trial, a->model_dim, q_dim);
    a->wk = draw_weights(trial, a->model_dim, k_dim);
    a->wv = draw_weights(trial, a->model_dim, v_dim);
    a->bq = draw_bias(trial, q_dim);
    a->bk = draw_bias(trial, k_dim);
    a->bv = draw_bias(trial, v_dim);
}

/* All strides zero: the heads stand side by side in the rows of one packed tensor. */
static struct tensor draw_output(struct trial *trial, heed_self_attention_args *a)
{
    const struct shape heads = {a->batch, a->q_heads, a->rows, a->v_dim};
    const struct shape rows = {a->batch, 1, a->rows, a->q_heads * a->v_dim};
    struct tensor o;

    if (random_once_in(&trial->random, 2)) {
        o = tensor_columns(trial_packed(trial, rows), 0, a->q_heads, a->v_dim);
        a->o = (heed_output){.data = o.first};
        return o;
    }
    o = *trial_output_of(trial, problem_dtype(trial), heads);
    o.packed = false; /* its strides are spelled out, for zeros would mean the above */
    a->o = tensor_output(&o);
    return o;
}

static bool problem(struct trial *trial)
{
    heed_self_attention_args a = draw_sizes(trial);
    const size_t count = a.batch * a.q_heads * a.rows * a.v_dim;
    struct bounded *want = trial_wanted(trial, count);
    size_t bytes = 0;

    draw_inputs(trial, &a);
    const struct tensor o = draw_output(trial, &a);
    trial_describe(trial,
                   "batch %zu, rows %zu, dim %zu, heads %zu over %zu, dims %zu and %zu, scale %g, "
                   "mask %d, types %d %d %d %d %d, bias%s%s%s, workers %zu, strides x %td %td, w "
                   "%td %td %td, o %td %td "
                   "%td",
                   a.batch, a.rows, a.model_dim, a.q_heads, a.kv_heads, a.qk_dim, a.v_dim,
                   (double)a.scale, (int)a.mask, (int)a.x.dtype, (int)a.wq.dtype, (int)a.wk.dtype,
                   (int)a.wv.dtype, (int)a.o.dtype, a.bq.data ? " q" : "", a.bk.data ? " k" : "",
                   a.bv.data ? " v" : "", a.parallel.workers, a.x.batch_stride, a.x.row_stride,
                   a.wq.row_stride, a.wk.row_stride, a.wv.row_stride, a.o.batch_stride,
                   a.o.head_stride, a.o.row_stride);
    if (heed_self_attention_workspace(&a, &bytes) != HEED_OK)
        return trial_fails(trial, "no workspace size");
    a.workspace = trial_workspace(trial, bytes, &a.workspace_size);
    reference_self_attention(&a, want);
    return trial_call(trial, operation, &a) && trial_accepts(trial, "o", &o, want) &&
           trial_untouched(trial, "o", &o);
}

bool check_self_attention(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem, PROBLEMS, isa, seed, detail, detail_size);
}
