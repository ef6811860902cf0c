/* SPDX-License-Identifier: MIT */
/*
 * test_far.c - a call whose rows see a window of the keys takes no longer at position 4 M than
 * at 8 K, and as much memory.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

#include "threads.h"

enum { FAR = 4 << 20, NEAR = 8 << 10, DIM = 8, CALLS = 20, ROUNDS = 50 };

static float *k, *v; /* [FAR][DIM] of zeros, of which memory has what is read */

static double seconds(void)
{
    struct timespec now;

    timespec_get(&now, TIME_UTC);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The least of many, as others may use the machine too. */
static double time_of(const heed_attention_args *a)
{
    double least = 1e9;

    for (size_t round = 0; round < ROUNDS; round++) {
        const double begin = seconds();

        for (size_t i = 0; i < CALLS; i++)
            cr_assert_eq(heed_attention(a), HEED_OK);
        const double taken = seconds() - begin;
        least = taken < least ? taken : least;
    }
    return least;
}

static size_t workspace_of(const heed_attention_args *a)
{
    size_t bytes = 0;

    cr_assert_eq(heed_attention_workspace(a, &bytes), HEED_OK);
    return bytes;
}

/* Both with more keys than fit one chunk, so that the plan has ranges for threads. */
static void expect_no_dearer(heed_attention_args a, const char *what)
{
    static struct calls calls;
    static const size_t workers[] = {1, 4};

    for (size_t w = 0; w < sizeof workers / sizeof *workers; w++) {
        heed_attention_args near = a, far = a;

        near.kv_rows = NEAR;
        far.kv_rows = FAR;
        near.parallel = far.parallel = (heed_parallel){odd_ones_first, &calls, workers[w]};
        cr_expect_eq(workspace_of(&far), workspace_of(&near), "%s", what);
        const double near_time = time_of(&near), far_time = time_of(&far);
        cr_expect_leq(far_time, 3 * near_time, "%s, %zu workers: %g us and %g us", what, workers[w],
                      near_time / CALLS * 1e6, far_time / CALLS * 1e6);
    }
}

Test(far, keys_that_no_row_sees_cost_nothing)
{
    static const float q[DIM] = {1};
    static float o[DIM];
    heed_attention_args a = {HEED_SIZED(heed_attention_args),
                             .batch = 1,
                             .q_heads = 1,
                             .kv_heads = 1,
                             .q_rows = 1,
                             .qk_dim = DIM,
                             .v_dim = DIM,
                             .q.data = q,
                             .o.data = o,
                             .mask = HEED_MASK_CAUSAL};

    k = calloc((size_t)FAR * DIM, sizeof *k);
    v = calloc((size_t)FAR * DIM, sizeof *v);
    cr_assert(k && v);
    a.k.data = k, a.v.data = v;
    a.window_left = 128;
    expect_no_dearer(a, "window");
    a.prefix = 4;
    expect_no_dearer(a, "window and prefix");
    a.prefix = a.window_left = 0;
    a.local_chunk = 128;
    expect_no_dearer(a, "local chunk");
    a.mask = HEED_MASK_CAUSAL_FROM;
    a.q_position = 700; /* and what comes after it */
    expect_no_dearer(a, "local chunk near the begin");
    free(k), free(v);
}

/* All pages are one. */
Test(far, pages_cost_nothing_either)
{
    enum { PAGE = 64 };
    static const int32_t pages[FAR / PAGE];
    static const float q[DIM] = {1}, x[PAGE * DIM] = {1};
    static float o[DIM];
    const heed_attention_args a = {HEED_SIZED(heed_attention_args),
                                   .batch = 1,
                                   .q_heads = 1,
                                   .kv_heads = 1,
                                   .q_rows = 1,
                                   .qk_dim = DIM,
                                   .v_dim = DIM,
                                   .q.data = q,
                                   .k.data = x,
                                   .v.data = x,
                                   .o.data = o,
                                   .mask = HEED_MASK_CAUSAL,
                                   .window_left = 128,
                                   .page_table = pages,
                                   .page_rows = PAGE,
                                   .pages = 1};

    expect_no_dearer(a, "pages");
}

static void expect_gradient_no_dearer(heed_attention_backward_args a, const char *what)
{
    double times[2] = {1e9, 1e9};

    for (size_t i = 0; i < 2; i++) {
        a.kv_rows = i ? FAR : NEAR;
        for (size_t round = 0; round < ROUNDS; round++) {
            const double begin = seconds();

            cr_assert_eq(heed_attention_backward(&a), HEED_OK);
            const double taken = seconds() - begin;
            times[i] = taken < times[i] ? taken : times[i];
        }
    }
    cr_expect_leq(times[1], 3 * times[0], "%s: %g us and %g us", what, times[0] * 1e6,
                  times[1] * 1e6);
}

Test(far, keys_cost_nothing_backward_either)
{
    static const float q[8 * DIM] = {1}, lse[8];
    static float d_q[8 * DIM];
    heed_attention_backward_args a = {HEED_SIZED(heed_attention_backward_args),
                                      .batch = 1,
                                      .q_heads = 1,
                                      .kv_heads = 1,
                                      .q_rows = 8,
                                      .qk_dim = DIM,
                                      .v_dim = DIM,
                                      .q.data = q,
                                      .o.data = q,
                                      .d_o.data = q,
                                      .lse.data = lse,
                                      .d_q.data = d_q,
                                      .mask = HEED_MASK_CAUSAL,
                                      .window_left = 128};

    k = calloc((size_t)FAR * DIM, sizeof *k);
    v = calloc((size_t)FAR * DIM, sizeof *v);
    cr_assert(k && v);
    a.k.data = k, a.v.data = v;
    expect_gradient_no_dearer(a, "window");
    a.prefix = 4;
    expect_gradient_no_dearer(a, "window and prefix");
    free(k), free(v);
}
