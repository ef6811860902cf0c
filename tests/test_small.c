/* SPDX-License-Identifier: MIT */
/* test_small.c - the short way for tiny problems leaves the bits of the general one. */
#include <string.h>

#include "isa_test.h"
#include "random.h"

enum { PROBLEMS = 2000, MOST_ROWS = 40, MOST = 17 /* one past the longest vector */ };

static float q[MOST_ROWS * MOST], k[MOST * MOST], v[MOST * MOST];
static float small[MOST_ROWS * MOST], general[MOST_ROWS * MOST], lse[MOST_ROWS];

static void fill(struct random *random, float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = random_float(random, -4.0f, 4.0f);
}

/* Asking for lse is what the short way leaves to the general one. */
ISA_TEST(small, has_the_bits_of_the_general_way)
{
    struct random random = {5};

    for (size_t i = 0; i < PROBLEMS; i++) {
        heed_attention_args a = {
            HEED_SIZED(heed_attention_args),
            .batch = 1,
            .q_heads = 1,
            .kv_heads = 1,
            .q_rows = 1 + random_below(&random, MOST_ROWS),
            .kv_rows = 1 + random_below(&random, MOST),
            .qk_dim = 1 + random_below(&random, MOST),
            .v_dim = 1 + random_below(&random, MOST),
            .q.data = q,
            .k.data = k,
            .v.data = v,
            .o.data = small,
            .scale = random_float(&random, -1.0f, 2.0f),
            .isa = isa,
        };

        if (random_once_in(&random, 2)) /* few equal dims have a way of their own */
            a.v_dim = a.qk_dim = 1 + random_below(&random, 5);
        fill(&random, q, sizeof q / sizeof *q);
        fill(&random, k, sizeof k / sizeof *k);
        fill(&random, v, sizeof v / sizeof *v);
        cr_assert_eq(heed_attention(&a), HEED_OK);
        a.o.data = general;
        a.lse.data = lse;
        cr_assert_eq(heed_attention(&a), HEED_OK);
        cr_assert(!memcmp(small, general, a.q_rows * a.v_dim * sizeof *small),
                  "%s, problem %zu: %zu rows, %zu keys, dims %zu and %zu", heed_isa_name(isa), i,
                  a.q_rows, a.kv_rows, a.qk_dim, a.v_dim);
    }
}

enum { TINY_ROWS = 3, TINY_DIM = 4, TINY_AT = 16 /* floats from operand to operand */ };

/* Three rows of queries, keys, values and outputs, each its own piece of memory. */
static heed_attention_args tiny(const heed_isa *isa, float *memory)
{
    return (heed_attention_args){
        HEED_SIZED(heed_attention_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = TINY_ROWS,
        .kv_rows = TINY_ROWS,
        .qk_dim = TINY_DIM,
        .v_dim = TINY_DIM,
        .q.data = memory,
        .k.data = memory + TINY_AT,
        .v.data = memory + 2 * TINY_AT,
        .o.data = memory + 3 * TINY_AT,
        .isa = isa,
    };
}

static void expect_refused(const heed_attention_args *a, const char *says, size_t operand)
{
    char reason[128] = "";

    cr_expect_eq(heed_attention(a), HEED_INVALID_ARGUMENT, "%s, operand %zu", says, operand);
    cr_expect_eq(heed_attention_check(a, reason, sizeof reason), HEED_INVALID_ARGUMENT);
    cr_expect(strstr(reason, says), "\"%s\", operand %zu", reason, operand);
}

/* The first element of one stands on the last of the other, and the other way round. */
ISA_TEST(small, nothing_overlaps)
{
    static float memory[5 * TINY_AT], workspace[4096];
    const ptrdiff_t last = TINY_ROWS * TINY_DIM - 1;

    for (size_t operand = 0; operand < 3; operand++)
        for (int side = -1; side <= 1; side++) {
            heed_attention_args a = tiny(isa, memory + TINY_AT - 1);

            a.o.data = memory + TINY_AT - 1 + (ptrdiff_t)(operand * TINY_AT) + side * last;
            expect_refused(&a, "overlap", operand);
        }
    for (size_t operand = 0; operand < 4; operand++) {
        heed_attention_args a = tiny(isa, memory);
        heed_input *const inputs[] = {&a.q, &a.k, &a.v};
        float *const at = workspace + operand * 1024;

        a.workspace = workspace;
        a.workspace_size = sizeof workspace;
        cr_expect_eq(heed_attention(&a), HEED_OK);
        if (operand < 3)
            inputs[operand]->data = at;
        else
            a.o.data = at;
        a.workspace = at;
        a.workspace_size = (4 - operand) * 1024 * sizeof *at;
        expect_refused(&a, "workspace overlaps", operand);
    }
}

/* Scales so far out that the running maximum could tell them from the true one. */
ISA_TEST(small, odd_scales_have_the_bits_of_the_general_way)
{
    static const float scales[] = {1e-30f, 1e-19f, 1e19f, 1e25f, -1.0f};
    static float memory[4 * TINY_AT], want[TINY_ROWS * TINY_DIM];
    struct random random = {9};

    fill(&random, memory, sizeof memory / sizeof *memory);
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        heed_attention_args a = tiny(isa, memory);

        a.scale = scales[i];
        a.lse.data = lse;
        cr_assert_eq(heed_attention(&a), HEED_OK);
        memcpy(want, a.o.data, sizeof want);
        a.lse.data = NULL;
        cr_assert_eq(heed_attention(&a), HEED_OK);
        cr_expect_arr_eq(a.o.data, want, sizeof want, "scale %g", (double)scales[i]);
    }
}
