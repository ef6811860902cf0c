/* SPDX-License-Identifier: MIT */
/* check_rope.c - rotary position embedding: both layouts, by theta or tables, in place or not. */
#include <math.h>

#include "operations.h"
#include "types.h"

enum { PROBLEMS = 100, MOST_WORK = 1 << 17, MOST_TABLE_ROWS = 40 };

static heed_status operation(const void *args)
{
    return heed_rope(args);
}

/* All of dim, or as many of its numbers as are even. */
static size_t draw_rotary_dim(struct trial *trial, size_t dim)
{
    if (dim % 2 == 0 && random_once_in(&trial->random, 2))
        return 0;
    return random_once_in(&trial->random, 2) ? dim / 2 * 2
                                             : 2 + 2 * random_below(&trial->random, dim / 2);
}

static heed_rope_args draw_sizes(struct trial *trial)
{
    struct random *random = &trial->random;
    heed_rope_args a = {HEED_SIZED(heed_rope_args), .isa = trial->isa};

    do {
        a.batch = 1 + random_below(random, 3);
        a.heads = 1 + random_below(random, 4);
        a.rows = trial_rows(trial);
        a.dim = 1 + trial_dim(trial);
    } while (a.batch * a.heads * a.rows * a.dim > MOST_WORK);
    a.rotary_dim = draw_rotary_dim(trial, a.dim);
    a.pairs = random_once_in(random, 2) ? HEED_ROPE_HALVES : HEED_ROPE_INTERLEAVED;
    a.parallel = trial_parallel(trial);
    return a;
}

/* A table of two heads, cosines and sines, whose row stride both have; 0 would mean dense. */
static void draw_tables(struct trial *trial, heed_rope_args *a)
{
    const size_t half = (a->rotary_dim ? a->rotary_dim : a->dim) / 2;
    const size_t rows = a->rows + random_below(&trial->random, MOST_TABLE_ROWS);
    const struct tensor *table;

    do
        table = trial_input(trial, (struct shape){1, 2, rows, half}, -1.0f, 1.0f);
    while (!table->packed && !table->row_stride);
    a->cos = tensor_at(table, 0, 0, 0, 0);
    a->sin = tensor_at(table, 0, 1, 0, 0);
    a->table_stride = table->packed ? 0 : table->row_stride;
    a->table_rows = rows;
    a->first_position = (int64_t)random_below(&trial->random, rows - a->rows + 1);
}

/* Near and far, some of them negative; any row of the table. */
static int64_t draw_position(struct trial *trial, const heed_rope_args *a)
{
    static const size_t far[] = {10, 5000, 1 << 17, 1 << 24, 1 << 30};
    const size_t below = RANDOM_OF(&trial->random, far);

    if (a->cos)
        return (int64_t)random_below(&trial->random, a->table_rows);
    return (int64_t)random_below(&trial->random, below) - (int64_t)(below / 8);
}

/* In guarded memory, which the trial frees. */
static void draw_positions(struct trial *trial, heed_rope_args *a)
{
    const bool shared = random_once_in(&trial->random, 2);
    const size_t count = (shared ? 1 : a->batch) * a->rows;
    int64_t *positions;

    trial->workspace = guarded_new(count * sizeof *positions, random_once_in(&trial->random, 2));
    positions = (int64_t *)(void *)trial->workspace.data;
    for (size_t i = 0; i < count; i++)
        positions[i] = draw_position(trial, a);
    guarded_protect(&trial->workspace);
    a->positions = positions;
    a->positions_batch_stride = shared ? 0 : (ptrdiff_t)a->rows;
}

static void draw_angles(struct trial *trial, heed_rope_args *a)
{
    static const double thetas[] = {0, 1, 10000, 500000, 1e6};

    if (random_once_in(&trial->random, 2)) {
        draw_tables(trial, a);
    } else {
        a->theta = RANDOM_OF(&trial->random, thetas);
        a->first_position = draw_position(trial, a);
    }
    if (random_once_in(&trial->random, 2))
        draw_positions(trial, a);
}

/* With tables, whose cosines and sines have signs beyond doubt, also what is not finite. */
static void spoil(struct trial *trial, const heed_rope_args *a, const struct tensor *x)
{
    static const float odd[] = {NAN, INFINITY, -INFINITY, 1e38f, -0.0f, 1e-44f};
    const size_t rows = a->batch * a->heads * a->rows;

    for (size_t i = 0; i < rows && a->cos && trial->index % 3 == 0; i++) {
        const size_t r = i % a->rows, h = i / a->rows % a->heads, b = i / a->rows / a->heads;

        tensor_set(x, b, h, r, random_below(&trial->random, a->dim),
                   RANDOM_OF(&trial->random, odd));
    }
}

static bool problem(struct trial *trial)
{
    heed_rope_args a = draw_sizes(trial);
    const bool in_place = random_once_in(&trial->random, 3);
    const struct shape shape = {a.batch, a.heads, a.rows, a.dim};
    const struct tensor *y = trial_output_of(trial, problem_dtype(trial), shape);
    const struct tensor *x =
        in_place ? y : trial_input_of(trial, problem_dtype(trial), shape, -2.0f, 2.0f);
    struct bounded *want = trial_wanted(trial, shape_count(shape));

    if (in_place)
        tensor_fill(&trial->random, y, -2.0f, 2.0f);
    draw_angles(trial, &a);
    spoil(trial, &a, x);
    a.x = tensor_input(x);
    a.y = tensor_output(y);
    trial_describe(
        trial,
        "batch %zu, heads %zu, rows %zu, dim %zu, rotary %zu, pairs %d%s, types %d %d, workers "
        "%zu, "
        "theta %g, table %zu rows by %td, first %lld%s by %td, x %td %td %td, y %td %td %td",
        a.batch, a.heads, a.rows, a.dim, a.rotary_dim, (int)a.pairs, in_place ? ", in place" : "",
        (int)a.x.dtype, (int)a.y.dtype, a.parallel.workers, a.theta, a.table_rows, a.table_stride,
        (long long)a.first_position, a.positions ? ", positions" : "", a.positions_batch_stride,
        a.x.batch_stride, a.x.head_stride, a.x.row_stride, a.y.batch_stride, a.y.head_stride,
        a.y.row_stride);
    reference_rope(&a, want);
    overflow_to(y->dtype, want, shape_count(shape));
    return trial_call(trial, operation, &a) && trial_accepts(trial, "y", y, want) &&
           trial_untouched(trial, "y", y);
}

bool check_rope(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size)
{
    return trials_pass(problem, PROBLEMS, isa, seed, detail, detail_size);
}
