/* SPDX-License-Identifier: MIT */
/*
 * test_backward_bits.c - the bits of a gradient do not depend on threads, nor on which
 * rows and keys come with it, nor on which gradients are asked for.
 */
#include <string.h>

#include "backward_problem.h"
#include "isa_test.h"
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
