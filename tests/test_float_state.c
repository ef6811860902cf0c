/* SPDX-License-Identifier: MIT */
/*
 * test_float_state.c - calls leave the exceptions of floats as they found them: flags that
 * are raised stay so, others are not raised, and nothing traps.
 *
 * `heed check` asks the same of all random problems; here are the plain ones, by number of
 * keys, and numbers of every kind.
 */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "flags.h"
#include "half.h"
#include "isa_test.h"
#include "samples.h"
#include "typed.h"
#include "watched.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

#if defined(__x86_64__)
#include <xmmintrin.h>
/* All of it: flags of denormal operands, too, which <fenv.h> does not know. */
static unsigned all_of_it(void)
{
    return _mm_getcsr();
}
#else
static unsigned all_of_it(void)
{
    return 0;
}
#endif

#if defined(__x86_64__) && defined(__GLIBC__)
/* Or the tests below, and those of `heed check`, would ask for nothing where they ask for traps. */
Test(float_state, traps_can_be_had)
{
    cr_assert(flags_can_trap());
}
#endif

/* Expects `expression` to be `status`, whatever flags are raised or trap. */
#define EXPECT_KEPT(status, expression, ...)                                                       \
    for (int turn = 0; turn < FLAGS_TURNS; turn++) {                                               \
        const int flags_ = flags_begin((enum flags_turn)turn);                                     \
        const unsigned all_ = all_of_it();                                                         \
        const heed_status got_ = (expression);                                                     \
        const unsigned left_ = all_of_it();                                                        \
                                                                                                   \
        cr_expect_eq(flags_end(), flags_, __VA_ARGS__);                                            \
        cr_expect_eq(left_, all_, __VA_ARGS__);                                                    \
        cr_expect_eq(got_, status, __VA_ARGS__);                                                   \
    }

ISA_TEST(float_state, is_left_by_every_operation)
{
    for (size_t i = 0; operation_at(i); i++) {
        const struct operation *operation = operation_at(i);
        const union sample sample = sample_of(operation, isa);

        EXPECT_KEPT(HEED_OK, operation->call(&sample), "%s", operation->name);
        EXPECT_KEPT(HEED_OK, operation->check(&sample, NULL, 0), "%s", operation->name);
    }
}

enum { MOST_KEYS = 140, ROWS = 7, DIM = 24 };

/* Lanes that no key fills, rows that see nothing, blocks that begin and end anywhere. */
ISA_TEST(float_state, is_left_by_attention_over_any_number_of_keys)
{
    static const heed_dtype types[] = {HEED_F32, HEED_F16, HEED_BF16};
    static float o[ROWS * DIM], lse[ROWS];

    for (size_t i = 0; i < TYPED_COUNT; i++)
        typed_wide[i] = (float)((double)(i * 37 % 101) / 50 - 1);
    for (size_t t = 0; t < LENGTH(types); t++) {
        typed_in = types[t];
        for (size_t i = 0; i < TYPED_COUNT && typed_in != HEED_F32; i++)
            dtype_write(typed_in, &typed_halves[i], (double)typed_wide[i]);
        for (size_t n = 0; n <= MOST_KEYS; n++) {
            heed_attention_args a = {HEED_SIZED(heed_attention_args),
                                     .batch = 1,
                                     .q_heads = 1,
                                     .kv_heads = 1,
                                     .q_rows = n % 3 ? ROWS : 1,
                                     .kv_rows = n,
                                     .qk_dim = DIM,
                                     .v_dim = DIM,
                                     .q = typed_input(0),
                                     .k = typed_input(1),
                                     .v = typed_input(2),
                                     .o.data = o,
                                     .isa = isa};

            EXPECT_KEPT(HEED_OK, heed_attention(&a), "%zu keys of %d", n, (int)types[t]);
            a.lse.data = lse;
            a.mask = HEED_MASK_CAUSAL;
            EXPECT_KEPT(HEED_OK, heed_attention(&a), "causal, %zu keys of %d", n, (int)types[t]);
            a.window_left = n / 2;
            a.softcap = 3.0f;
            EXPECT_KEPT(HEED_OK, heed_attention(&a), "window, %zu keys of %d", n, (int)types[t]);
        }
    }
}

/* A NaN that signals is none that dtype_write() makes. */
static float signalling(void)
{
    const uint32_t bits = 0x7f800001;
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Zeros, numbers that are denormal, those at the ends of the range, infinities, NaN. */
static void fill_with_all_kinds(heed_dtype type)
{
    static const float kinds[] = {0.0f,    -0.0f,    1.0f,      -2.5f,   FLT_MIN / 8, -FLT_MIN / 64,
                                  FLT_MIN, FLT_MAX,  -FLT_MAX,  1e30f,   -1e30f,      1e-20f,
                                  90.0f,   -90.0f,   -104.0f,   65504.f, 6e-5f,       448.0f,
                                  100.0f,  INFINITY, -INFINITY, NAN,     -88.0f,      0.1f};

    for (size_t i = 0; i < TYPED_COUNT; i++) {
        const float x = kinds[i * 7919 / 64 % LENGTH(kinds)];

        typed_wide[i] = i % 1000 == 999 ? signalling() : x;
        if (type != HEED_F32)
            dtype_write(type, &typed_halves[i], (double)x);
        if (type != HEED_F32 && i % 1000 == 999)
            typed_halves[i] = type == HEED_F16 ? 0x7c01 : 0x7f81;
    }
    typed_in = type;
}

ISA_TEST(float_state, is_left_by_numbers_of_every_kind)
{
    static const heed_dtype types[] = {HEED_F32, HEED_F16, HEED_BF16};

    for (size_t t = 0; t < LENGTH(types) * LENGTH(types); t++) {
        fill_with_all_kinds(types[t / LENGTH(types)]);
        typed_out = types[t % LENGTH(types)];
        for (size_t i = 0; typed_call_at(i); i++)
            EXPECT_KEPT(HEED_OK, typed_call_at(i)->run(isa), "%s", typed_call_at(i)->name);
    }
}

ISA_TEST(float_state, is_left_by_samples_of_every_kind)
{
    sample_of(operation_at(0), isa); /* fills the numbers, once */
    fill_with_all_kinds(HEED_F32);
    memcpy(sample_numbers, typed_wide, sizeof sample_numbers);
    for (size_t i = 0; operation_at(i); i++) {
        const struct operation *operation = operation_at(i);
        const union sample sample = sample_of(operation, isa);

        EXPECT_KEPT(HEED_OK, operation->call(&sample), "%s", operation->name);
    }
}

static void expect_refused(size_t operation, size_t at, const void *number, size_t size,
                           const char *what)
{
    union sample sample = sample_of(operation_at(operation), NULL);
    char reason[200];

    memcpy((char *)&sample + at, number, size);
    EXPECT_KEPT(HEED_INVALID_ARGUMENT,
                operation_at(operation)->check(&sample, reason, sizeof reason), "%s", what);
    EXPECT_KEPT(HEED_INVALID_ARGUMENT, operation_at(operation)->call(&sample), "%s", what);
}

#define EXPECT_REFUSED(number, type, member)                                                       \
    if (operation_at(i)->size == sizeof(type))                                                     \
    expect_refused(i, offsetof(type, member), &(number), sizeof(number), #type "." #member)

Test(float_state, is_left_by_refusals_of_numbers)
{
    const float nan[] = {NAN, -NAN, signalling(), INFINITY};
    const double wide[] = {NAN, -NAN, 0.5, INFINITY};

    for (size_t i = 0; operation_at(i); i++)
        for (size_t n = 0; n < LENGTH(nan); n++) {
            const float *sinks = &nan[n];

            EXPECT_REFUSED(nan[n], heed_attention_args, scale);
            EXPECT_REFUSED(nan[n], heed_attention_args, softcap);
            EXPECT_REFUSED(sinks, heed_attention_args, sinks);
            EXPECT_REFUSED(nan[n], heed_attention_backward_args, scale);
            EXPECT_REFUSED(nan[n], heed_attention_backward_args, softcap);
            EXPECT_REFUSED(nan[n], heed_scores_args, scale);
            EXPECT_REFUSED(nan[n], heed_self_attention_args, scale);
            EXPECT_REFUSED(wide[n], heed_rope_args, theta);
        }
}

/* Each thread that a call runs on has a state of its own. */
ISA_TEST(float_state, is_left_in_every_thread)
{
    for (size_t i = 0; operation_at(i); i++)
        for (int turn = 0; turn < FLAGS_TURNS; turn++) {
            struct calls calls = {.workers = 3};
            struct watched watched = {.inner = {each_on_a_thread, &calls, 3},
                                      .turn = (enum flags_turn)turn};
            union sample sample = sample_of(operation_at(i), isa);

            sample_set_parallel(operation_at(i), &sample, watched_parallel(&watched));
            cr_assert_eq(operation_at(i)->call(&sample), HEED_OK);
            cr_expect(!watched.changed, "%s, turn %d", operation_at(i)->name, turn);
        }
}
