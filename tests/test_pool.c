/* SPDX-License-Identifier: MIT */
/* test_pool.c - the ready thread pool: sizes, sharing, the same bits. */
#include <pthread.h>
#include <string.h>

#include <heed/pool.h>

#include "isa_test.h"
#include "samples.h"
#include "watched.h"

Test(pool, sizes)
{
    heed_pool *four = heed_pool_create(4), *all = heed_pool_create(0);

    cr_assert(four && all);
    cr_expect_eq(heed_pool_threads(four), 4);
    cr_expect_geq(heed_pool_threads(all), 1);
    heed_pool_destroy(four);
    heed_pool_destroy(all);
    heed_pool_destroy(NULL);
    cr_expect_eq(heed_pool_threads(NULL), 1);
    cr_expect_leq(heed_pool_parallel(NULL).workers, 1);
}

ISA_TEST(pool, every_operation_keeps_its_bits)
{
    static float want[SAMPLE_OUTPUT];
    static const size_t threads[] = {1, 3};

    for (size_t i = 0; operation_at(i); i++) {
        const struct operation *operation = operation_at(i);
        union sample sample = sample_of(operation, isa);

        sample_blank_output();
        cr_assert_eq(operation->call(&sample), HEED_OK);
        memcpy(want, sample_output, sizeof want);
        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            heed_pool *pool = heed_pool_create(threads[t]);

            sample_set_parallel(operation, &sample, heed_pool_parallel(pool));
            sample_blank_output();
            cr_assert_eq(operation->call(&sample), HEED_OK);
            cr_expect_arr_eq(sample_output, want, sizeof want, "%s", operation->name);
            heed_pool_destroy(pool);
        }
    }
}

ISA_TEST(pool, threads_keep_their_float_state)
{
    heed_pool *pool = heed_pool_create(3);

    for (size_t i = 0; operation_at(i); i++)
        for (int turn = 0; turn < FLAGS_TURNS; turn++) {
            struct watched watched = {.inner = heed_pool_parallel(pool),
                                      .turn = (enum flags_turn)turn};
            union sample sample = sample_of(operation_at(i), isa);

            sample_set_parallel(operation_at(i), &sample, watched_parallel(&watched));
            cr_assert_eq(operation_at(i)->call(&sample), HEED_OK);
            cr_expect(!watched.changed, "%s, turn %d", operation_at(i)->name, turn);
        }
    heed_pool_destroy(pool);
}

enum { CALLERS = 3, CALLS = 20, ROWS = 60, DIM = 16 };

static float x[ROWS * DIM];

static void *call_often(void *argument)
{
    static const float unwritten = -1.0f;
    float o[ROWS * DIM];
    const heed_attention_args a = {
        HEED_SIZED(heed_attention_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = ROWS,
        .kv_rows = ROWS,
        .qk_dim = DIM,
        .v_dim = DIM,
        .q.data = x,
        .k.data = x,
        .v.data = x,
        .o.data = o,
        .parallel = heed_pool_parallel(argument),
    };

    for (size_t call = 0; call < CALLS; call++) {
        for (size_t i = 0; i < ROWS * DIM; i++)
            o[i] = unwritten;
        if (heed_attention(&a) != HEED_OK)
            return "a call was refused";
        for (size_t i = 0; i < ROWS * DIM; i++)
            if (o[i] != 0.5f)
                return "a call returned before its work was done";
    }
    return NULL;
}

/* Values that are all alike average to themselves: any row left out shows. */
Test(pool, shared_by_several_callers)
{
    heed_pool *pool = heed_pool_create(3);
    pthread_t callers[CALLERS];

    for (size_t i = 0; i < ROWS * DIM; i++)
        x[i] = 0.5f;
    for (size_t i = 0; i < CALLERS; i++)
        cr_assert_eq(pthread_create(&callers[i], NULL, call_often, pool), 0);
    for (size_t i = 0; i < CALLERS; i++) {
        void *complaint;

        pthread_join(callers[i], &complaint);
        cr_expect_null(complaint, "%s", (const char *)complaint);
    }
    heed_pool_destroy(pool);
}
