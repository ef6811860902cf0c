/* SPDX-License-Identifier: MIT */
/* test_rope.c - rotary position embedding: what it means for scores; the same bits every way. */
#include <math.h>
#include <string.h>

#include "isa_test.h"
#include "random.h"
#include "threads.h"

enum { HEADS = 3, ROWS = 300, DIM = 96, HALF = DIM / 2, COUNT = HEADS * ROWS * DIM };

static float x[COUNT], y[COUNT], again[COUNT], table[ROWS][DIM];

static heed_rope_args problem(const heed_isa *isa)
{
    struct random random = {1};

    for (size_t i = 0; i < COUNT; i++)
        x[i] = random_float(&random, -1.0f, 1.0f);
    return (heed_rope_args){HEED_SIZED(heed_rope_args),
                            .batch = 1,
                            .heads = HEADS,
                            .rows = ROWS,
                            .dim = DIM,
                            .x.data = x,
                            .y.data = y,
                            .isa = isa};
}

static void rotate_into(heed_rope_args a, float *to)
{
    a.y.data = to;
    memset(to, 0xff, sizeof y);
    cr_assert_eq(heed_rope(&a), HEED_OK);
}

static void expect_same(const char *what)
{
    cr_expect(!memcmp(y, again, sizeof y), "%s", what);
}

/* The tables of theta, as the public header says to make them. */
static void make_tables(const heed_isa *isa)
{
    float ones[DIM] = {0};

    for (size_t i = 0; i < HALF; i++)
        ones[i] = 1.0f;
    const heed_rope_args a = {HEED_SIZED(heed_rope_args),
                              .batch = 1,
                              .heads = 1,
                              .rows = ROWS,
                              .dim = DIM,
                              .x = {.data = ones, .batch_stride = 1},
                              .y.data = table,
                              .isa = isa};
    cr_assert_eq(heed_rope(&a), HEED_OK);
}

static heed_rope_args with_tables(heed_rope_args a)
{
    make_tables(a.isa);
    a.cos = table[0];
    a.sin = table[0] + HALF;
    a.table_stride = DIM;
    a.table_rows = ROWS;
    return a;
}

ISA_TEST(rope, tables_have_the_bits_of_theta)
{
    const heed_rope_args a = problem(isa);

    rotate_into(a, y);
    rotate_into(with_tables(a), again);
    expect_same("by tables");
}

ISA_TEST(rope, rows_one_by_one_have_the_same_bits)
{
    heed_rope_args a = problem(isa);

    rotate_into(a, y);
    a.x.head_stride = a.y.head_stride = ROWS * DIM;
    a.rows = 1;
    memset(again, 0xff, sizeof again);
    for (size_t r = 0; r < ROWS; r++) {
        const int64_t position = (int64_t)r;

        a.x.data = x + r * DIM;
        a.y.data = again + r * DIM;
        a.first_position = r % 2 ? position : 0;
        a.positions = r % 2 ? NULL : &position;
        cr_assert_eq(heed_rope(&a), HEED_OK);
    }
    expect_same("one by one");
}

ISA_TEST(rope, is_shared_and_keeps_its_bits)
{
    struct calls calls = {.workers = 4};
    heed_rope_args a = problem(isa);

    rotate_into(a, y);
    a.parallel = (heed_parallel){each_on_a_thread, &calls, calls.workers};
    rotate_into(a, again);
    expect_same("on threads");
    cr_expect(calls.calls && calls.most > 1, "nothing was shared");
}

/* In place, where one view spells out the strides that the other leaves to be dense. */
ISA_TEST(rope, in_place)
{
    heed_rope_args a = problem(isa);

    a.rotary_dim = DIM - 6;
    rotate_into(a, y);
    a.x = (heed_input){.data = again, .head_stride = ROWS * DIM, .row_stride = DIM};
    a.y.data = again;
    memcpy(again, x, sizeof x);
    cr_assert_eq(heed_rope(&a), HEED_OK);
    expect_same("in place");
}

/* The same pairs in the other layout. */
ISA_TEST(rope, layouts_have_the_same_bits)
{
    static float side_by_side[COUNT], turned[COUNT];
    heed_rope_args a = problem(isa);

    rotate_into(a, y);
    for (size_t i = 0; i < COUNT; i++)
        side_by_side[i / DIM * DIM + i % HALF * 2 + i % DIM / HALF] = x[i];
    a.pairs = HEED_ROPE_INTERLEAVED;
    a.x.data = side_by_side;
    rotate_into(a, turned);
    for (size_t i = 0; i < COUNT; i++)
        again[i] = turned[i / DIM * DIM + i % HALF * 2 + i % DIM / HALF];
    expect_same("interleaved");
}

static double dot(const float *a, const float *b)
{
    double sum = 0;

    for (size_t d = 0; d < DIM; d++)
        sum += (double)a[d] * (double)b[d];
    return sum;
}

/*
 * The point of it all (equation 16): the score of rows 0 and r, rotated, is that of any
 * two rows with these numbers r apart.  A rotated number is at most sqrt 2 and off by
 * 3 u |(a, b)| for the arithmetic and u |(a, b)| for cos and sin, together 4 sqrt 2 u (the
 * third u has room for the angle, off by 2^-31); a product of two such by twice sqrt 2
 * times that, 16 u; and each of the scores compared has DIM of them.
 */
ISA_TEST(rope, scores_depend_on_the_distance_alone)
{
    const double bound = 2 * DIM * 16 * 0x1p-24;
    heed_rope_args a = problem(isa);

    rotate_into(a, y);
    a.first_position = 1000000;
    rotate_into(a, again);
    for (size_t r = 0; r < ROWS; r++)
        cr_expect_float_eq(dot(y, y + r * DIM), dot(again, again + r * DIM), bound, "row %zu", r);
}
