/* SPDX-License-Identifier: MIT */
/* test_rope_refusals.c - what rotary position embedding refuses, with and without tables. */
#include <math.h>
#include <string.h>

#include <criterion/criterion.h>

#include <heed/heed.h>

enum { ROWS = 100, DIM = 8, HALF = DIM / 2 };

static const float x[ROWS * DIM], table[ROWS * HALF];
static _Alignas(float) unsigned char y[sizeof x];

static heed_rope_args valid_call(void)
{
    return (heed_rope_args){HEED_SIZED(heed_rope_args),
                            .batch = 1,
                            .heads = 1,
                            .rows = ROWS,
                            .dim = DIM,
                            .x.data = x,
                            .y.data = y};
}

static heed_rope_args with_tables(void)
{
    heed_rope_args a = valid_call();

    a.cos = a.sin = table;
    a.table_rows = ROWS;
    return a;
}

static void refuses(heed_rope_args a, const char *named)
{
    char reason[160] = "";

    memset(y, 0xff, sizeof y);
    cr_expect_eq(heed_rope(&a), HEED_INVALID_ARGUMENT, "%s", named);
    cr_expect_eq(heed_rope_check(&a, reason, sizeof reason), HEED_INVALID_ARGUMENT, "%s", named);
    cr_expect(strstr(reason, named) == reason, "\"%s\" does not begin with %s", reason, named);
    cr_expect(y[0] == 0xff && !memcmp(y, y + 1, sizeof y - 1), "wrote, %s", named);
}

#define WITH(a, member, value, named)                                                              \
    do {                                                                                           \
        heed_rope_args spoilt = a;                                                                 \
                                                                                                   \
        spoilt.member = value;                                                                     \
        refuses(spoilt, named);                                                                    \
    } while (0)

Test(rope, refusals)
{
    const heed_rope_args a = valid_call();

    WITH(a, rotary_dim, 7, "rotary_dim");
    WITH(a, rotary_dim, DIM + 2, "rotary_dim");
    WITH(a, rotary_dim, SIZE_MAX - 1, "rotary_dim");
    WITH(a, dim, DIM - 1, "rotary_dim");
    WITH(a, theta, NAN, "theta");
    WITH(a, theta, INFINITY, "theta");
    WITH(a, theta, -10000.0, "theta");
    WITH(a, theta, 0.5, "theta");
    WITH(a, cos, table, "sin");
    WITH(a, sin, table, "cos");
    WITH(a, x.data, y + 4, "y");
    WITH(a, first_position, INT64_MAX, "first_position");
}

Test(rope, refusals_of_tables)
{
    static int64_t positions[ROWS];
    heed_rope_args a = with_tables();

    WITH(a, cos, (const float *)(const void *)(y + 8), "y");
    WITH(a, cos, (const float *)(const void *)((const char *)table + 1), "cos");
    WITH(a, sin, NULL, "sin");
    WITH(a, table_stride, PTRDIFF_MAX, "cos");
    WITH(a, table_rows, SIZE_MAX, "cos");
    WITH(a, table_rows, 0, "first_position");
    WITH(a, table_rows, ROWS - 1, "first_position");
    WITH(a, first_position, 1, "first_position");
    WITH(a, first_position, -1, "first_position");
    WITH(a, first_position, INT64_MIN, "first_position");
    WITH(a, first_position, INT64_MAX - ROWS, "first_position");
    a.positions = positions;
    a.first_position = INT64_MAX; /* of no matter now */
    cr_expect_eq(heed_rope(&a), HEED_OK);
    positions[77] = ROWS;
    refuses(a, "positions[0][77]");
    positions[77] = -1;
    refuses(a, "positions[0][77]");
}
