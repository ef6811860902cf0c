/* SPDX-License-Identifier: MIT */
/* check_rows.c - exp, softmax and normalize, in place or not. */
#include <math.h>
#include <string.h>

#include "operations.h"
#include "types.h"

enum { PROBLEMS = 75, MOST_COLS = 1 << 14 };

typedef void reference_rows(const heed_rows_args *args, struct bounded *y);

static heed_status operation_exp(const void *args)
{
    return heed_exp(args);
}

static heed_status operation_softmax(const void *args)
{
    return heed_softmax(args);
}

static heed_status operation_normalize(const void *args)
{
    return heed_normalize(args);
}

/* Fills x by `draw`, then runs; in place if the input and the output are one tensor. */
static bool rows_problem(struct trial *trial, heed_status (*operation)(const void *args),
                         reference_rows *reference, float (*draw)(struct trial *trial))
{
    heed_rows_args a = {HEED_SIZED(heed_rows_args), .isa = trial->isa};
    const bool in_place = random_once_in(&trial->random, 3);

    do {
        a.rows = trial_rows(trial);
        a.cols = trial_keys(trial);
    } while (a.rows * a.cols > MOST_COLS);
    const struct shape shape = {1, 1, a.rows, a.cols};
    const struct tensor *y = trial_output_of(trial, problem_dtype(trial), shape);
    const struct tensor *x =
        in_place ? y : trial_input_of(trial, problem_dtype(trial), shape, 0.0f, 1.0f);
    struct bounded *want = trial_wanted(trial, shape_count(shape));

    for (size_t r = 0; r < a.rows; r++)
        for (size_t d = 0; d < a.cols; d++)
            tensor_set(x, 0, 0, r, d, draw(trial));
    a.x = tensor_input(x);
    a.y = tensor_output(y);
    a.parallel = trial_parallel(trial);
    trial_describe(trial, "rows %zu, cols %zu%s, types %d %d, workers %zu, strides x %td, y %td",
                   a.rows, a.cols, in_place ? ", in place" : "", (int)a.x.dtype, (int)a.y.dtype,
                   a.parallel.workers, a.x.row_stride, a.y.row_stride);
    reference(&a, want);
    overflow_to(y->dtype, want, shape_count(shape));
    return trial_call(trial, operation, &a) && trial_accepts(trial, "y", y, want) &&
           trial_untouched(trial, "y", y);
}

/* Random bits, of which those in `set` are ones. */
static float any_float(struct trial *trial, uint32_t set)
{
    const uint32_t bits = (uint32_t)(random_bits(&trial->random) >> 32) | set;
    float any;

    memcpy(&any, &bits, sizeof any);
    return any;
}

/* Half of them any bits at all: denormals, infinities and NaN, mostly far out of range. */
static float draw_exp(struct trial *trial)
{
    const float any = any_float(trial, 0);

    return random_once_in(&trial->random, 2) ? any : random_float(&trial->random, -110.0f, 90.0f);
}

/* Ordinary scores; in some problems peaky ones, in some with -inf or a rare NaN among them. */
static float draw_softmax(struct trial *trial)
{
    const float spread = trial->index % 3 ? 5.0f : 150.0f;

    if (trial->index % 8 == 3 && random_once_in(&trial->random, 50))
        return any_float(trial, 0x7f800001); /* any bits of a NaN */
    if (trial->index % 4 == 1 && random_once_in(&trial->random, 2))
        return -INFINITY;
    return random_float(&trial->random, -spread, spread);
}

/* Mixed signs in some problems, yet a sum far enough from zero to mean something. */
static float draw_normalize(struct trial *trial)
{
    return random_float(&trial->random, trial->index % 2 ? -0.25f : 0.01f, 1.0f);
}

static bool problem_exp(struct trial *trial)
{
    return rows_problem(trial, operation_exp, reference_exp, draw_exp);
}

static bool problem_softmax(struct trial *trial)
{
    return rows_problem(trial, operation_softmax, reference_softmax, draw_softmax);
}

static bool problem_normalize(struct trial *trial)
{
    return rows_problem(trial, operation_normalize, reference_normalize, draw_normalize);
}

bool check_exp(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem_exp, PROBLEMS, isa, seed, detail, detail_size);
}

bool check_softmax(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem_softmax, PROBLEMS, isa, seed, detail, detail_size);
}

bool check_normalize(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem_normalize, PROBLEMS, isa, seed, detail, detail_size);
}
