/* SPDX-License-Identifier: MIT */
/* check_merge.c - partial results over disjoint keys, some of them over none. */
#include <math.h>

#include "operations.h"
#include "types.h"

enum { PROBLEMS = 75, FEW_PARTS = 6, MOST_PARTS = 24, MOST_WORK = 1 << 17, MANY_WORK = 1 << 10 };

static heed_status operation(const void *args)
{
    return heed_merge(args);
}

static heed_merge_args draw_sizes(struct trial *trial)
{
    heed_merge_args a = {HEED_SIZED(heed_merge_args), .isa = trial->isa};
    const bool many = trial->index % 10 == 9; /* more than have room on the stack */

    do {
        a.batch = 1 + random_below(&trial->random, 3);
        a.heads = 1 + random_below(&trial->random, 4);
        a.rows = trial_rows(trial);
        a.v_dim = trial_dim(trial);
    } while (a.batch * a.heads * a.rows * a.v_dim > (many ? MANY_WORK : MOST_WORK));
    a.part_count =
        many ? MOST_PARTS - random_below(&trial->random, 8) : trial->index % (FEW_PARTS + 1);
    return a;
}

/* Here and there a row that saw no key: lse -inf, and an o that must not count. */
static heed_part draw_part(struct trial *trial, const heed_merge_args *a)
{
    const struct shape results = {a->batch, a->heads, a->rows, a->v_dim};
    const struct shape rows = {a->batch, a->heads, a->rows, 1};
    const struct tensor *o = trial_input_of(trial, problem_dtype(trial), results, -1.0f, 1.0f);
    const struct tensor *lse = trial_input(trial, rows, -20.0f, 20.0f);

    for (size_t i = 0; i < a->batch * a->heads * a->rows; i++) {
        const size_t r = i % a->rows, h = i / a->rows % a->heads, b = i / a->rows / a->heads;

        if (random_once_in(&trial->random, 4)) {
            *tensor_at(lse, b, h, r, 0) = -INFINITY;
            tensor_set(o, b, h, r, random_below(&trial->random, a->v_dim), NAN);
        }
    }
    return (heed_part){tensor_input(o), tensor_input(lse)};
}

static bool problem(struct trial *trial)
{
    heed_merge_args a = draw_sizes(trial);
    const struct shape rows = {a.batch, a.heads, a.rows, 1};
    const struct shape results = {a.batch, a.heads, a.rows, a.v_dim};
    struct bounded *want_o = trial_wanted(trial, shape_count(results));
    struct bounded *want_lse = trial_wanted(trial, shape_count(rows));
    const struct tensor *o = trial_output_of(trial, problem_dtype(trial), results);
    const struct tensor *lse = random_once_in(&trial->random, 2) ? trial_output(trial, rows) : NULL;
    heed_part parts[MOST_PARTS];

    for (size_t p = 0; p < a.part_count; p++)
        parts[p] = draw_part(trial, &a);
    a.parts = parts;
    a.o = tensor_output(o);
    a.lse = lse ? tensor_output(lse) : (heed_output){0};
    trial_describe(
        trial,
        "batch %zu, heads %zu, rows %zu, dim %zu, parts %zu%s, type %d, strides o %td %td %td",
        a.batch, a.heads, a.rows, a.v_dim, a.part_count, lse ? ", lse" : "", (int)a.o.dtype,
        a.o.batch_stride, a.o.head_stride, a.o.row_stride);
    reference_merge(&a, want_o, want_lse);
    return trial_call(trial, operation, &a) && trial_accepts(trial, "o", o, want_o) &&
           trial_untouched(trial, "o", o) &&
           (!lse ||
            (trial_accepts(trial, "lse", lse, want_lse) && trial_untouched(trial, "lse", lse)));
}

bool check_merge(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem, PROBLEMS, isa, seed, detail, detail_size);
}
