/* SPDX-License-Identifier: MIT */
/* check_scores.c - scaled dot products of every query row with every key. */
#include "operations.h"
#include "types.h"

enum { PROBLEMS = 75, MOST_WORK = 1 << 19 };

static heed_status operation(const void *args)
{
    return heed_scores(args);
}

static heed_scores_args draw_sizes(struct trial *trial)
{
    static const float scales[] = {0.0f, 0.0f, 1.0f, -0.7f};
    struct random *random = &trial->random;
    heed_scores_args a = {HEED_SIZED(heed_scores_args), .isa = trial->isa};

    do {
        a.batch = 1 + random_below(random, 3);
        a.kv_heads = 1 + random_below(random, 3);
        a.q_heads = a.kv_heads * (1 + random_below(random, 4));
        a.kv_rows = trial_keys(trial);
        a.q_rows = trial_rows(trial);
        a.qk_dim = trial_dim(trial);
    } while (a.batch * a.q_heads * a.q_rows * a.kv_rows * a.qk_dim > MOST_WORK);
    a.scale = RANDOM_OF(random, scales);
    a.parallel = trial_parallel(trial);
    return a;
}

static bool problem(struct trial *trial)
{
    heed_scores_args a = draw_sizes(trial);
    const struct shape q = {a.batch, a.q_heads, a.q_rows, a.qk_dim};
    const struct shape k = {a.batch, a.kv_heads, a.kv_rows, a.qk_dim};
    const struct shape results = {a.batch, a.q_heads, a.q_rows, a.kv_rows};
    struct bounded *want = trial_wanted(trial, shape_count(results));
    const struct tensor *s = trial_output_of(trial, problem_dtype(trial), results);

    a.q = tensor_input(trial_input_of(trial, problem_dtype(trial), q, -2.0f, 2.0f));
    a.k = tensor_input(trial_input_of(trial, problem_dtype(trial), k, -1.5f, 1.5f));
    a.s = tensor_output(s);
    trial_describe(trial,
                   "batch %zu, heads %zu over %zu, rows %zu over %zu, dim %zu, scale %g, types %d "
                   "%d %d, workers %zu, strides q %td %td %td, k %td %td %td, s %td %td %td",
                   a.batch, a.q_heads, a.kv_heads, a.q_rows, a.kv_rows, a.qk_dim, (double)a.scale,
                   (int)a.q.dtype, (int)a.k.dtype, (int)a.s.dtype, a.parallel.workers,
                   a.q.batch_stride, a.q.head_stride, a.q.row_stride, a.k.batch_stride,
                   a.k.head_stride, a.k.row_stride, a.s.batch_stride, a.s.head_stride,
                   a.s.row_stride);
    reference_scores(&a, want);
    return trial_call(trial, operation, &a) && trial_accepts(trial, "s", s, want) &&
           trial_untouched(trial, "s", s);
}

bool check_scores(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem, PROBLEMS, isa, seed, detail, detail_size);
}
