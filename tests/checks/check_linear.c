/* SPDX-License-Identifier: MIT */
/* check_linear.c - x w + b, the projections. */
#include "operations.h"
#include "types.h"

enum { PROBLEMS = 75, MOST_WORK = 1 << 19 };

static heed_status operation(const void *args)
{
    return heed_linear(args);
}

static heed_linear_args draw_sizes(struct trial *trial)
{
    heed_linear_args a = {HEED_SIZED(heed_linear_args), .isa = trial->isa};

    do {
        a.batch = 1 + random_below(&trial->random, 3);
        a.rows = trial_rows(trial);
        a.in_dim = random_once_in(&trial->random, 2) ? trial_keys(trial) : trial_dim(trial);
        a.out_dim = trial_dim(trial);
    } while (a.batch * a.rows * a.in_dim * a.out_dim > MOST_WORK);
    a.parallel = trial_parallel(trial);
    return a;
}

static bool problem(struct trial *trial)
{
    heed_linear_args a = draw_sizes(trial);
    const struct shape x = {a.batch, 1, a.rows, a.in_dim}, w = {1, 1, a.in_dim, a.out_dim};
    const struct shape b = {1, 1, 1, a.out_dim}, results = {a.batch, 1, a.rows, a.out_dim};
    struct bounded *want = trial_wanted(trial, shape_count(results));
    const struct tensor *y = trial_output_of(trial, problem_dtype(trial), results);

    a.x = tensor_input(trial_input_of(trial, problem_dtype(trial), x, -2.0f, 2.0f));
    a.w = tensor_input(trial_input_of(trial, problem_dtype(trial), w, -1.0f, 1.0f));
    if (random_once_in(&trial->random, 2))
        a.b = tensor_input(trial_input_of(trial, problem_dtype(trial), b, -1.0f, 1.0f));
    a.y = tensor_output(y);
    trial_describe(trial,
                   "batch %zu, rows %zu, dims %zu to %zu%s, types %d %d %d %d, workers %zu, "
                   "strides x %td %td, w %td, "
                   "y %td %td",
                   a.batch, a.rows, a.in_dim, a.out_dim, a.b.data ? ", bias" : "", (int)a.x.dtype,
                   (int)a.w.dtype, (int)a.b.dtype, (int)a.y.dtype, a.parallel.workers,
                   a.x.batch_stride, a.x.row_stride, a.w.row_stride, a.y.batch_stride,
                   a.y.row_stride);
    reference_linear(&a, want);
    return trial_call(trial, operation, &a) && trial_accepts(trial, "y", y, want) &&
           trial_untouched(trial, "y", y);
}

bool check_linear(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem, PROBLEMS, isa, seed, detail, detail_size);
}
