/* SPDX-License-Identifier: MIT */
/* check_weighted_sum.c - values summed by given weights. */
#include "operations.h"
#include "types.h"

enum { PROBLEMS = 75, MOST_WORK = 1 << 19 };

static heed_status operation(const void *args)
{
    return heed_weighted_sum(args);
}

static heed_weighted_sum_args draw_sizes(struct trial *trial)
{
    struct random *random = &trial->random;
    heed_weighted_sum_args a = {HEED_SIZED(heed_weighted_sum_args), .isa = trial->isa};

    do {
        a.batch = 1 + random_below(random, 3);
        a.kv_heads = 1 + random_below(random, 3);
        a.q_heads = a.kv_heads * (1 + random_below(random, 4));
        a.kv_rows = trial_keys(trial);
        a.q_rows = trial_rows(trial);
        a.v_dim = trial_dim(trial);
    } while (a.batch * a.q_heads * a.q_rows * a.kv_rows * a.v_dim > MOST_WORK);
    a.parallel = trial_parallel(trial);
    return a;
}

static bool problem(struct trial *trial)
{
    heed_weighted_sum_args a = draw_sizes(trial);
    const struct shape w = {a.batch, a.q_heads, a.q_rows, a.kv_rows};
    const struct shape v = {a.batch, a.kv_heads, a.kv_rows, a.v_dim};
    const struct shape results = {a.batch, a.q_heads, a.q_rows, a.v_dim};
    struct bounded *want = trial_wanted(trial, shape_count(results));
    const struct tensor *o = trial_output_of(trial, problem_dtype(trial), results);

    a.w = tensor_input(trial_input_of(trial, problem_dtype(trial), w, -1.0f, 1.0f));
    a.v = tensor_input(trial_input_of(trial, problem_dtype(trial), v, -1.5f, 1.5f));
    a.o = tensor_output(o);
    trial_describe(
        trial,
        "batch %zu, heads %zu over %zu, rows %zu over %zu, dim %zu, types %d %d %d, workers %zu, "
        "strides w %td %td %td, v %td %td %td, o %td %td %td",
        a.batch, a.q_heads, a.kv_heads, a.q_rows, a.kv_rows, a.v_dim, (int)a.w.dtype,
        (int)a.v.dtype, (int)a.o.dtype, a.parallel.workers, a.w.batch_stride, a.w.head_stride,
        a.w.row_stride, a.v.batch_stride, a.v.head_stride, a.v.row_stride, a.o.batch_stride,
        a.o.head_stride, a.o.row_stride);
    reference_weighted_sum(&a, want);
    return trial_call(trial, operation, &a) && trial_accepts(trial, "o", o, want) &&
           trial_untouched(trial, "o", o);
}

bool check_weighted_sum(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem, PROBLEMS, isa, seed, detail, detail_size);
}
