/* SPDX-License-Identifier: MIT */
/* test_threads.c - whatever parallel_for does with the bodies, the bits are those of one thread. */
#include <stdlib.h>
#include <string.h>

#include "isa_test.h"
#include "random.h"
#include "samples.h"
#include "threads.h"

typedef void parallel_for(void *context, size_t count, void (*body)(void *argument, size_t i),
                          void *argument);

static parallel_for *const tempers[] = {each_on_a_thread, odd_ones_first, all_on_one_thread};
static const size_t worker_counts[] = {0, 1, 2, 3, 7, 64};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static float want[SAMPLE_OUTPUT];

static void expect_same_bits(const struct operation *operation, const heed_isa *isa,
                             parallel_for *temper, size_t workers)
{
    struct calls calls = {.workers = workers};
    union sample sample = sample_of(operation, isa);

    sample_set_parallel(operation, &sample, (heed_parallel){temper, &calls, workers});
    sample_blank_output();
    cr_assert_eq(operation->call(&sample), HEED_OK, "%s", operation->name);
    cr_expect_arr_eq(sample_output, want, sizeof want, "%s on %s with %zu workers", operation->name,
                     heed_isa_name(isa), workers);
    cr_expect_leq(calls.most, workers, "%s", operation->name);
    cr_expect(workers > 1 || !calls.calls, "%s called back without workers", operation->name);
}

ISA_TEST(threads, every_operation_keeps_its_bits)
{
    for (size_t i = 0; operation_at(i); i++) {
        const struct operation *operation = operation_at(i);
        const union sample serial = sample_of(operation, isa);

        sample_blank_output();
        cr_assert_eq(operation->call(&serial), HEED_OK, "%s", operation->name);
        memcpy(want, sample_output, sizeof want);
        for (size_t t = 0; t < LENGTH(tempers); t++)
            for (size_t w = 0; w < LENGTH(worker_counts); w++)
                expect_same_bits(operation, isa, tempers[t], worker_counts[w]);
    }
}

enum { HEADS = 3, ROWS = 130, KEYS = 1100, DIM = 40 };

static float *random_numbers(struct random *random, size_t count)
{
    float *numbers = malloc(count * sizeof *numbers);

    for (size_t i = 0; i < count; i++)
        numbers[i] = random_float(random, -1.0f, 1.0f);
    return numbers;
}

/* Enough work that any sensible plan hands some of it to a second worker. */
ISA_TEST(threads, large_attention_is_shared_and_keeps_its_bits)
{
    static float o[2][HEADS * ROWS * DIM];
    struct random random = {1};
    heed_attention_args a = {
        HEED_SIZED(heed_attention_args),
        .batch = 1,
        .q_heads = HEADS,
        .kv_heads = HEADS,
        .q_rows = ROWS,
        .kv_rows = KEYS,
        .qk_dim = DIM,
        .v_dim = DIM,
        .q.data = random_numbers(&random, HEADS * ROWS * DIM),
        .k.data = random_numbers(&random, HEADS * KEYS * DIM),
        .v.data = random_numbers(&random, HEADS * KEYS * DIM),
        .o.data = o[0],
        .isa = isa,
    };

    cr_assert_eq(heed_attention(&a), HEED_OK);
    a.o.data = o[1];
    for (size_t t = 0; t < LENGTH(tempers); t++) {
        struct calls calls = {.workers = 8};

        memset(o[1], 0xff, sizeof o[1]);
        a.parallel = (heed_parallel){tempers[t], &calls, calls.workers};
        cr_assert_eq(heed_attention(&a), HEED_OK);
        cr_expect_arr_eq(o[0], o[1], sizeof o[0]);
        cr_expect(calls.calls && calls.most > 1, "nothing was shared");
        cr_expect_leq(calls.most, 8);
    }
}

/* One row against many keys, as in decoding: chunks of keys are what can be shared. */
ISA_TEST(threads, decode_keeps_its_bits)
{
    static float o[2][DIM];
    enum { CACHE = 5000 };
    struct random random = {2};
    struct calls calls = {.workers = 4};
    heed_attention_args a = {
        HEED_SIZED(heed_attention_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = 1,
        .kv_rows = CACHE,
        .qk_dim = DIM,
        .v_dim = DIM,
        .q.data = random_numbers(&random, DIM),
        .k.data = random_numbers(&random, CACHE * DIM),
        .v.data = random_numbers(&random, CACHE * DIM),
        .o.data = o[0],
        .isa = isa,
    };

    cr_assert_eq(heed_attention(&a), HEED_OK);
    a.o.data = o[1];
    a.parallel = (heed_parallel){each_on_a_thread, &calls, calls.workers};
    cr_assert_eq(heed_attention(&a), HEED_OK);
    cr_expect_arr_eq(o[0], o[1], sizeof o[0]);
}

/* BSHD: the tasks take several heads each, and ranges of keys. */
ISA_TEST(threads, interleaved_decode_keeps_its_bits)
{
    enum { CACHE = 2600, KV_HEADS = 5, GROUP = 2, Q_HEADS = KV_HEADS * GROUP };
    static float o[2][Q_HEADS * DIM], lse[2][Q_HEADS];
    struct random random = {3};
    heed_attention_args a = {
        HEED_SIZED(heed_attention_args),
        .batch = 1,
        .q_heads = Q_HEADS,
        .kv_heads = KV_HEADS,
        .q_rows = 1,
        .kv_rows = CACHE,
        .qk_dim = DIM,
        .v_dim = DIM,
        .q.data = random_numbers(&random, Q_HEADS * DIM),
        .k.data = random_numbers(&random, CACHE * KV_HEADS * DIM),
        .v.data = random_numbers(&random, CACHE * KV_HEADS * DIM),
        .o.data = o[0],
        .lse.data = lse[0],
        .isa = isa,
    };

    a.k.head_stride = a.v.head_stride = DIM;
    a.k.row_stride = a.v.row_stride = a.k.batch_stride = a.v.batch_stride =
        (ptrdiff_t)KV_HEADS * DIM;
    for (size_t head = 0; head < KV_HEADS; head++) { /* one by one: nothing to interleave */
        heed_attention_args one = a;

        one.q_heads = GROUP;
        one.kv_heads = 1;
        one.q.data = (const float *)a.q.data + head * GROUP * DIM;
        one.k.data = (const float *)a.k.data + head * DIM;
        one.v.data = (const float *)a.v.data + head * DIM;
        one.o.data = o[0] + head * GROUP * DIM;
        one.lse.data = lse[0] + head * GROUP;
        cr_assert_eq(heed_attention(&one), HEED_OK);
    }
    a.o.data = o[1];
    a.lse.data = lse[1];
    for (size_t w = 0; w < LENGTH(worker_counts); w++) {
        struct calls calls = {.workers = worker_counts[w]};

        memset(o[1], 0xff, sizeof o[1]);
        memset(lse[1], 0xff, sizeof lse[1]);
        a.parallel = (heed_parallel){odd_ones_first, &calls, calls.workers};
        cr_assert_eq(heed_attention(&a), HEED_OK);
        cr_expect_arr_eq(o[0], o[1], sizeof o[0], "%zu workers", calls.workers);
        cr_expect_arr_eq(lse[0], lse[1], sizeof lse[0], "%zu workers", calls.workers);
    }
}
