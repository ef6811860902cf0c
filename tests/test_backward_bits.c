/* SPDX-License-Identifier: MIT */
/*
 * test_backward_bits.c - the bits of a gradient do not depend on threads, nor on which
 * rows and keys come with it, nor on which gradients are asked for.
 */
#include <string.h>

#include "backward_problem.h"
#include "isa_test.h"
#include "random.h"
#include "threads.h"

typedef void parallel_for(void *context, size_t count, void (*body)(void *argument, size_t i),
                          void *argument);

static parallel_for *const tempers[] = {each_on_a_thread, odd_ones_first, all_on_one_thread};
static const size_t worker_counts[] = {0, 1, 2, 3, 7, 64};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static heed_attention_backward_args clean_problem(const heed_isa *isa)
{
    const heed_attention_backward_args a = problem(isa);

    differentiate(&a);
    clean = got;
    return a;
}

ISA_TEST(backward_bits, do_not_depend_on_threads)
{
    heed_attention_backward_args a = clean_problem(isa);

    for (size_t t = 0; t < LENGTH(tempers); t++)
        for (size_t w = 0; w < LENGTH(worker_counts); w++) {
            struct calls calls = {.workers = worker_counts[w]};

            a.parallel = (heed_parallel){tempers[t], &calls, calls.workers};
            differentiate(&a);
            cr_expect_arr_eq(&got, &clean, sizeof got, "%zu workers", calls.workers);
            cr_expect(calls.workers < 2 || calls.most > 1, "nothing was shared");
        }
}

ISA_TEST(backward_bits, do_not_depend_on_what_else_is_wanted)
{
    heed_attention_backward_args a = clean_problem(isa);

    for (int wanted = 0; wanted < 8; wanted++) {
        static struct results blank;

        memset(&blank, 0xff, sizeof blank);
        a.d_q.data = wanted & 1 ? got.d_q : NULL;
        a.d_k.data = wanted & 2 ? got.d_k : NULL;
        a.d_v.data = wanted & 4 ? got.d_v : NULL;
        differentiate(&a);
        cr_expect_arr_eq(got.d_q, wanted & 1 ? clean.d_q : blank.d_q, sizeof got.d_q);
        cr_expect_arr_eq(got.d_k, wanted & 2 ? clean.d_k : blank.d_k, sizeof got.d_k);
        cr_expect_arr_eq(got.d_v, wanted & 4 ? clean.d_v : blank.d_v, sizeof got.d_v);
    }
}

static const size_t places[] = {0, 1, 5, 63, 64, 95, 96, 130, 199};

/* One query row alone, at the position that it has among the others. */
ISA_TEST(backward_bits, rows_alone)
{
    const heed_attention_backward_args whole = clean_problem(isa);

    for (size_t p = 0; p < LENGTH(places); p++) {
        const size_t i = places[p];
        heed_attention_backward_args a = whole;

        a.q_heads = a.q_rows = 1;
        a.q.data = q[1][i], a.o.data = o[1][i], a.d_o.data = d_o[1][i], a.lse.data = &lse[1][i];
        a.d_q.data = got.d_q[1][i];
        a.mask = HEED_MASK_CAUSAL_FROM;
        a.q_position = (ptrdiff_t)i + KEYS - ROWS;
        differentiate(&a);
        cr_expect_arr_eq(got.d_q[1][i], clean.d_q[1][i], sizeof got.d_q[1][i], "row %zu", i);
    }
}

/* One key alone, seen by the rows that see it among the others. */
ISA_TEST(backward_bits, keys_alone)
{
    const heed_attention_backward_args whole = clean_problem(isa);

    for (size_t p = 0; p < LENGTH(places); p++) {
        const size_t j = places[p];
        heed_attention_backward_args a = whole;

        a.kv_rows = 1;
        a.k.data = k[j], a.v.data = v[j];
        a.d_k.data = got.d_k[j], a.d_v.data = got.d_v[j];
        a.mask = HEED_MASK_CAUSAL_FROM;
        a.q_position = KEYS - ROWS - (ptrdiff_t)j;
        differentiate(&a);
        cr_expect_arr_eq(got.d_k[j], clean.d_k[j], sizeof got.d_k[j], "key %zu", j);
        cr_expect_arr_eq(got.d_v[j], clean.d_v[j], sizeof got.d_v[j], "key %zu", j);
    }
}

/* The same over two chunks of rows, which begin at the same rows for every key. */
ISA_TEST(backward_bits, keys_alone_over_chunks)
{
    enum { LONG = 1300, DIM = 3 };
    static const size_t keys[] = {0, 100, 130, 191, 700, 1023, 1024, 1100, 1299};
    static float x[LONG][DIM], context[LONG][DIM], sums[LONG], d_k[LONG][DIM], alone[DIM];
    const heed_attention_args f = {
        HEED_SIZED(heed_attention_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = LONG,
        .kv_rows = LONG,
        .qk_dim = DIM,
        .v_dim = DIM,
        .q.data = x,
        .k.data = x,
        .v.data = x,
        .o.data = context,
        .lse.data = sums,
        .mask = HEED_MASK_CAUSAL,
        .isa = isa,
    };
    heed_attention_backward_args a = {
        HEED_SIZED(heed_attention_backward_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = LONG,
        .kv_rows = LONG,
        .qk_dim = DIM,
        .v_dim = DIM,
        .q.data = x,
        .k.data = x,
        .v.data = x,
        .o.data = context,
        .d_o.data = x,
        .lse.data = sums,
        .d_k.data = d_k,
        .mask = HEED_MASK_CAUSAL,
        .isa = isa,
    };
    struct random random = {5};

    for (size_t i = 0; i < LONG * DIM; i++)
        x[i / DIM][i % DIM] = random_float(&random, -1.0f, 1.0f);
    cr_assert_eq(heed_attention(&f), HEED_OK);
    cr_assert_eq(heed_attention_backward(&a), HEED_OK);
    a.kv_rows = 1;
    a.mask = HEED_MASK_CAUSAL_FROM;
    for (size_t p = 0; p < LENGTH(keys); p++) {
        a.k.data = a.v.data = x[keys[p]];
        a.d_k.data = alone;
        a.q_position = -(ptrdiff_t)keys[p];
        cr_assert_eq(heed_attention_backward(&a), HEED_OK);
        cr_expect_arr_eq(alone, d_k[keys[p]], sizeof alone, "key %zu", keys[p]);
    }
}
