/* SPDX-License-Identifier: MIT */
/* check_attention.c - fused attention: shapes, layouts, groups, masks, rules, lse, workspace. */
#include <math.h>

#include "operations.h"
#include "scaled.h"
#include "trial_layout.h"
#include "trial_rules.h"

enum { PROBLEMS = 75, MOST_WORK = 1 << 20 };

static heed_status operation(const void *args)
{
    return heed_attention(args);
}

static size_t work(const heed_attention_args *a)
{
    return a->batch * a->q_heads * a->q_rows * (a->kv_rows + 1) * (a->qk_dim + a->v_dim);
}

/* Sizes alone; self-attention of one length now and then, for packed QKV. */
static heed_attention_args draw_sizes(struct trial *trial)
{
    struct random *random = &trial->random;
    heed_attention_args a = {HEED_SIZED(heed_attention_args), .isa = trial->isa};

    do {
        a.batch = 1 + random_below(random, 3);
        a.kv_heads = 1 + random_below(random, 3);
        a.q_heads = a.kv_heads * (1 + random_below(random, 4));
        a.kv_rows = trial_keys(trial);
        a.q_rows = random_once_in(random, 4) ? a.kv_rows : trial_rows(trial);
        a.qk_dim = trial_dim(trial);
        a.v_dim = random_once_in(random, 2) ? a.qk_dim : trial_dim(trial);
    } while (work(&a) > MOST_WORK);
    return a;
}

static void draw_options(struct trial *trial, heed_attention_args *a, bool poisoned)
{
    static const heed_mask masks[] = {HEED_MASK_NONE, HEED_MASK_CAUSAL, HEED_MASK_CAUSAL_FROM};
    static const float scales[] = {0.0f, 0.0f, 0.0f, 1.0f, 0.3f, -0.2f, 4.0f};
    const size_t span = a->q_rows + a->kv_rows + 4;

    if (!poisoned)
        a->scale = RANDOM_OF(&trial->random, scales);
    a->mask = RANDOM_OF(&trial->random, masks);
    a->precision = (heed_precision)random_below(&trial->random, HEED_PRECISION_SPLIT + 1);
    if (a->mask == HEED_MASK_CAUSAL_FROM)
        a->q_position = (ptrdiff_t)random_below(&trial->random, span) - (ptrdiff_t)a->q_rows - 2;
    a->parallel = trial_parallel(trial);
}

/* q, k and v side by side in the rows of one tensor. */
static void draw_packed_qkv(struct trial *trial, heed_attention_args *a)
{
    const size_t k_first = a->q_heads * a->qk_dim, v_first = k_first + a->kv_heads * a->qk_dim;
    const size_t columns = v_first + a->kv_heads * a->v_dim;
    struct tensor *all =
        trial_input(trial, (struct shape){a->batch, 1, a->q_rows, columns}, -1.5f, 1.5f);
    const struct tensor q = tensor_columns(all, 0, a->q_heads, a->qk_dim);
    const struct tensor k = tensor_columns(all, k_first, a->kv_heads, a->qk_dim);
    const struct tensor v = tensor_columns(all, v_first, a->kv_heads, a->v_dim);

    a->q = tensor_input(&q), a->k = tensor_input(&k), a->v = tensor_input(&v);
}

/* All four mixed, or all f32, or inputs of one type of 16 bits. */
struct types {
    heed_dtype q, k, v, o;
};

static struct types draw_types(struct trial *trial)
{
    const heed_dtype half = trial_half(trial);

    if (random_once_in(&trial->random, 2))
        return (struct types){HEED_F32, HEED_F32, HEED_F32, HEED_F32};
    if (random_once_in(&trial->random, 2))
        return (struct types){half, half, half, trial_dtype(trial)};
    return (struct types){trial_dtype(trial), scaled_dtype(trial), scaled_dtype(trial),
                          trial_dtype(trial)};
}

/*
 * Where it is poisoned, a NaN here and there, which only rows that see it may notice.
 * Scores stay small: where a weight may count as 0, so may the NaN that it multiplies.
 */
static void draw_tensors(struct trial *trial, heed_attention_args *a, const struct extents *e,
                         const struct types *types, bool poisoned)
{
    const struct shape q = {e->q_batch, a->q_heads, e->q_rows, a->qk_dim};
    const struct shape k = {e->kv_batch, a->kv_heads, e->kv_rows, a->qk_dim};
    const struct shape v = {e->kv_batch, a->kv_heads, e->kv_rows, a->v_dim};
    const float q_range = !poisoned && random_once_in(&trial->random, 5) ? 30.0f : 2.0f;

    a->q = tensor_input(trial_input_of(trial, types->q, q, -q_range, q_range));

    const struct scaled keys = scaled_input(trial, types->k, k, 1.5f);
    const struct scaled values = scaled_input(trial, types->v, v, 1.0f);

    a->k = tensor_input(keys.numbers);
    a->k_scales = scaled_view(keys.scales);
    a->v = tensor_input(values.numbers);
    a->v_scales = scaled_view(values.scales);
    if (poisoned) {
        scaled_poison(trial, &keys, NAN);
        scaled_poison(trial, &values, random_once_in(&trial->random, 2) ? NAN : INFINITY);
    }
}

static void describe(struct trial *trial, const heed_attention_args *a, bool packed_qkv,
                     const char *rules)
{
    trial_describe(
        trial,
        "batch %zu, heads %zu over %zu, rows %zu over %zu, dims %zu and %zu, scale %g, "
        "mask %d from %td, types %d %d%s %d%s %d, %s%s%s%s%s, workers %zu, strides q %td %td "
        "%td, k %td %td %td, v "
        "%td %td %td, o %td %td %td",
        a->batch, a->q_heads, a->kv_heads, a->q_rows, a->kv_rows, a->qk_dim, a->v_dim,
        (double)a->scale, (int)a->mask, a->q_position, (int)a->q.dtype, (int)a->k.dtype,
        a->k_scales.data ? " scaled" : "", (int)a->v.dtype, a->v_scales.data ? " scaled" : "",
        (int)a->o.dtype, rules, packed_qkv ? ", packed qkv" : "", a->lse.data ? ", lse" : "",
        a->scores.data ? ", scores" : "", a->workspace ? ", workspace" : "", a->parallel.workers,
        a->q.batch_stride, a->q.head_stride, a->q.row_stride, a->k.batch_stride, a->k.head_stride,
        a->k.row_stride, a->v.batch_stride, a->v.head_stride, a->v.row_stride, a->o.batch_stride,
        a->o.head_stride, a->o.row_stride);
}

static bool attends(struct trial *trial, bool with_rules, bool ragged)
{
    char rules[TRIAL_TEXT / 2] = "no rules";
    heed_attention_args a = draw_sizes(trial);
    const struct extents e = trial_layout(trial, &a, ragged);
    const struct shape rows = {e.q_batch, a.q_heads, e.q_rows, 1};
    const struct shape results = {e.q_batch, a.q_heads, e.q_rows, a.v_dim};
    const bool packed_qkv = !ragged && a.q_rows == a.kv_rows && random_once_in(&trial->random, 2);
    const struct types types = draw_types(trial);
    const bool poisoned = random_once_in(&trial->random, 4);
    size_t bytes = 0;

    if (packed_qkv)
        draw_packed_qkv(trial, &a);
    else
        draw_tensors(trial, &a, &e, &types, poisoned);
    draw_options(trial, &a, poisoned);
    if (with_rules)
        trial_rules(trial, &a, poisoned, rules, sizeof rules);
    const struct tensor *o = trial_output_of(trial, types.o, results);
    const struct tensor *lse = random_once_in(&trial->random, 2) ? trial_output(trial, rows) : NULL;
    a.o = tensor_output(o);
    a.lse = lse ? tensor_output(lse) : (heed_output){0};

    const struct shape square = {e.q_batch, a.q_heads, e.q_rows, a.kv_rows};
    const struct tensor *scores =
        random_once_in(&trial->random, 4) ? trial_output(trial, square) : NULL;
    if (scores) {
        a.scores = tensor_output(scores);
        a.scores_are = (heed_scores_stage)random_below(&trial->random, 4);
    }
    describe(trial, &a, packed_qkv, rules);
    if (heed_attention_workspace(&a, &bytes) != HEED_OK)
        return trial_fails(trial, "no workspace size");
    a.workspace = trial_workspace(trial, bytes, &a.workspace_size);

    struct bounded *want_o = trial_wanted(trial, shape_count(results));
    struct bounded *want_lse = trial_wanted(trial, shape_count(rows));
    struct bounded *want_scores = scores ? trial_wanted(trial, shape_count(square)) : NULL;
    reference_attention(&a, want_o, want_lse, want_scores);
    return trial_call(trial, operation, &a) && trial_accepts(trial, "o", o, want_o) &&
           trial_untouched(trial, "o", o) &&
           (!lse ||
            (trial_accepts(trial, "lse", lse, want_lse) && trial_untouched(trial, "lse", lse))) &&
           (!scores || (trial_accepts(trial, "scores", scores, want_scores) &&
                        trial_untouched(trial, "scores", scores)));
}

static bool plain_problem(struct trial *trial)
{
    return attends(trial, false, false);
}

bool check_attention(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(plain_problem, PROBLEMS, isa, seed, detail, detail_size);
}

static bool problem_with_rules(struct trial *trial)
{
    return attends(trial, true, random_once_in(&trial->random, 3));
}

bool check_rules(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem_with_rules, PROBLEMS, isa, seed, detail, detail_size);
}
