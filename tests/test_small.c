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
