/* SPDX-License-Identifier: MIT */
/*
 * test_backward_rules.c - rules in the backward pass: what they hide touches nothing, and
 * gradients of biases that are sums have the same bits on any number of threads.
 */
#include <math.h>
#include <string.h>

#include "backward_problem.h"
#include "isa_test.h"
#include "threads.h"

enum { BIASES = HEADS * ROWS * KEYS };

static float d_bias[BIASES], clean_bias[BIASES], d_sinks[HEADS], clean_sinks[HEADS];
static const float sinks[HEADS] = {0.5f, -1.0f}, slopes[HEADS] = {0.01f, 0.02f};
static unsigned char visible[KEYS], bits[ROWS][(KEYS + 7) / 8];

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* Every rule that hides nothing, and a window before which some keys are seen by all. */
static heed_attention_backward_args problem_with_rules(const heed_isa *isa)
{
    heed_attention_backward_args a = problem(isa);

    a.window_left = 40;
    a.prefix = 5;
    a.softcap = 3.0f;
    a.alibi_slopes = slopes;
    a.sinks = sinks;
    a.d_sinks = d_sinks;
    a.d_bias = (heed_score_output){d_bias, HEED_F32, 0, ROWS * KEYS, KEYS, 1};
    return a;
}

static void differentiate_all(const heed_attention_backward_args *a)
{
    memset(d_bias, 0xff, sizeof d_bias);
    memset(d_sinks, 0xff, sizeof d_sinks);
    differentiate(a);
}

static void keep(void)
{
    clean = got;
    memcpy(clean_bias, d_bias, sizeof d_bias);
    memcpy(clean_sinks, d_sinks, sizeof d_sinks);
}

static void expect_same(const char *what)
{
    cr_expect_arr_eq(&got, &clean, sizeof got, "%s", what);
    cr_expect_arr_eq(d_bias, clean_bias, sizeof d_bias, "%s: d_bias", what);
    cr_expect_arr_eq(d_sinks, clean_sinks, sizeof d_sinks, "%s: d_sinks", what);
}

/* Each axis alone repeated, some together, all of them. */
static const heed_score_output shapes[] = {
    {d_bias, HEED_F32, 0, ROWS *KEYS, KEYS, 1},
    {d_bias, HEED_F32, 0, 0, KEYS, 1},
    {d_bias, HEED_F32, 0, KEYS, 0, 1},
    {d_bias, HEED_F32, 0, ROWS, 1, 0},
    {d_bias, HEED_F32, 0, 0, 0, 1},
    {d_bias, HEED_F32, 0, 0, 2, 0},
    {d_bias, HEED_F32, 0, 0, 0, 0},
};

ISA_TEST(backward_rules, bits_do_not_depend_on_threads)
{
    for (size_t s = 0; s < LENGTH(shapes); s++) {
        heed_attention_backward_args a = problem_with_rules(isa);

        forward(&a);
        a.d_bias = shapes[s];
        differentiate_all(&a);
        keep();
        for (size_t workers = 2; workers < 9; workers += 3) {
            struct calls calls = {.workers = workers};

            a.parallel = (heed_parallel){each_on_a_thread, &calls, workers};
            differentiate_all(&a);
            expect_same("threads");
        }
    }
}

/* Where sums are sums of the same numbers: one over heads and rows against the dense ones. */
ISA_TEST(backward_rules, sums_of_biases)
{
    heed_attention_backward_args a = problem_with_rules(isa);

    forward(&a);
    differentiate_all(&a);
    keep();
    a.d_bias = (heed_score_output){.data = d_bias, .key_stride = 1};
    differentiate_all(&a);
    for (size_t j = 0; j < KEYS; j++) {
        double want = 0, size = 0;

        for (size_t i = 0; i < HEADS * ROWS; i++) {
            want += (double)clean_bias[i * KEYS + j];
            size += fabs((double)clean_bias[i * KEYS + j]);
        }
        cr_expect(fabs((double)d_bias[j] - want) <= HEADS * ROWS * 0x1p-24 * size,
                  "key %zu: %g, not %g", j, (double)d_bias[j], want);
    }
}

/* A key hidden from all rows: nothing that it holds touches anything, and its gradients are 0. */
static void expect_hidden(const heed_attention_backward_args *a, size_t key, const char *what)
{
    static const float poisons[] = {NAN, INFINITY};
    float *const spoilt[] = {&k[key][3], &v[key][2]};

    differentiate_all(a);
    keep();
    for (size_t d = 0; d < QK_DIM; d++)
        cr_expect_eq(got.d_k[key][d], 0.0f, "%s: d_k", what);
    for (size_t d = 0; d < V_DIM; d++)
        cr_expect_eq(got.d_v[key][d], 0.0f, "%s: d_v", what);
    for (size_t i = 0; i < HEADS * ROWS; i++)
        cr_expect_eq(d_bias[i * KEYS + key], 0.0f, "%s: d_bias", what);
    for (size_t i = 0; i < LENGTH(spoilt); i++)
        for (size_t n = 0; n < LENGTH(poisons); n++) {
            const float good = *spoilt[i];

            *spoilt[i] = poisons[n];
            differentiate_all(a);
            expect_same(what);
            *spoilt[i] = good;
        }
}

ISA_TEST(backward_rules, hidden_keys_do_not_matter)
{
    static const size_t keys[] = {0, 63, 100, 209};

    for (size_t i = 0; i < LENGTH(keys); i++) {
        heed_attention_backward_args a = problem_with_rules(isa);
        const size_t key = keys[i];

        a.mask = HEED_MASK_NONE;
        memset(visible, 1, sizeof visible);
        visible[key] = 0;
        a.visible = (heed_score_view){visible, HEED_U8, 0, 0, 0, 1};
        forward(&a);
        expect_hidden(&a, key, "a byte");

        memset(bits, 0xff, sizeof bits);
        for (size_t r = 0; r < ROWS; r++)
            bits[r][key / 8] = (unsigned char)(0xff ^ 1u << key % 8);
        a.visible = (heed_score_view){bits, HEED_BITS, 0, 0, sizeof bits[0], 1};
        expect_hidden(&a, key, "a bit");
    }
}

/* Outside of windows and past the keys that exist. */
ISA_TEST(backward_rules, keys_out_of_sight_do_not_matter)
{
    static const size_t length = KEYS - 6;
    heed_attention_backward_args a = problem_with_rules(isa);

    a.kv_lengths = &length;
    forward(&a);
    for (size_t key = length; key < KEYS; key++)
        expect_hidden(&a, key, "past the length");
    a.kv_lengths = NULL;
    a.mask = HEED_MASK_CAUSAL_FROM;
    a.q_position = 100; /* the first row sees keys from 61 on, the prefix ends at 5 */
    forward(&a);
    for (size_t key = 5; key < 61; key += 11)
        expect_hidden(&a, key, "before the window");
}

/* A query row that is hidden from a key does not touch its gradients. */
ISA_TEST(backward_rules, hidden_rows_do_not_matter)
{
    static unsigned char rows[ROWS];
    heed_attention_backward_args a = problem_with_rules(isa);

    memset(rows, 1, sizeof rows);
    rows[77] = 0;
    a.visible = (heed_score_view){rows, HEED_U8, 0, 0, 1, 0};
    forward(&a);
    differentiate_all(&a);
    keep();
    q[1][77][2] = d_o[0][77][3] = NAN;
    a.d_sinks = NULL; /* D of the row, which is part of it, is NaN */
    differentiate_all(&a);
    memcpy(d_sinks, clean_sinks, sizeof d_sinks);
    expect_same("a row that sees nothing");
    for (size_t d = 0; d < QK_DIM; d++)
        cr_expect_eq(got.d_q[0][77][d], 0.0f);
}
