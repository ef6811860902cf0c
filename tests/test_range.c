/* SPDX-License-Identifier: MIT */
/*
 * test_range.c - the range of numbers in which results are right, as heed.h states it, to its ends:
 * what is multiplied by a power of two gives results that are, to the bit.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "half.h"
#include "isa_test.h"
#include "random.h"

enum { ROWS = 5, MOST_KEYS = 2500, DIM = 8, OUTPUTS = ROWS * DIM };

static float q[OUTPUTS], k[MOST_KEYS * DIM], v[MOST_KEYS * DIM], far_q[OUTPUTS];
static float far_k[MOST_KEYS * DIM], far_v[MOST_KEYS * DIM], o[OUTPUTS], far_o[OUTPUTS];
static float lse[ROWS], far_lse[ROWS];

static void expect_scaled(const float *x, const float *far, size_t n, int exponent,
                          const heed_isa *isa, const char *what)
{
    for (size_t i = 0; i < n; i++) {
        const float want = ldexpf(x[i], exponent);

        cr_assert(isfinite(x[i]) && !memcmp(&far[i], &want, sizeof want),
                  "%s: %s[%zu] is %.9g, not %.9g (2^%d)", heed_isa_name(isa), what, i,
                  (double)far[i], (double)want, exponent);
    }
}

static void multiply(const float *x, float *y, size_t n, int exponent)
{
    for (size_t i = 0; i < n; i++)
        y[i] = ldexpf(x[i], exponent);
}

/* Magnitudes in [1/2, 1): products and sums of them are far from what is too small. */
static void fill(struct random *random, float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = random_float(random, 0.5f, 1.0f) * (random_once_in(random, 2) ? -1.0f : 1.0f);
}

/* The first number of each value is positive: nothing cancels there. */
static void fill_values(struct random *random)
{
    fill(random, v, sizeof v / sizeof *v);
    for (size_t j = 0; j < MOST_KEYS; j++)
        v[j * DIM] = fabsf(v[j * DIM]);
}

static heed_attention_args problem(const heed_isa *isa, size_t keys)
{
    heed_attention_args a = HEED_INIT(heed_attention_args);

    a.batch = a.q_heads = a.kv_heads = 1;
    a.q_rows = ROWS;
    a.kv_rows = keys;
    a.qk_dim = a.v_dim = DIM;
    a.q.data = q;
    a.k.data = k;
    a.v.data = v;
    a.o.data = o;
    a.lse.data = lse;
    a.scale = 1.0f;
    a.isa = isa;
    return a;
}

/* The least n with 2^n >= x. */
static int log2_above(size_t x)
{
    int n = 0;

    while ((size_t)1 << n < x)
        n++;
    return n;
}

static const size_t key_counts[] = {1, 2, 64, 65, 130, 1024, 1100, MOST_KEYS};

/*
 * Scores of later blocks that exceed those of the first one, whose maximum does not rise.  A query
 * that is 1 in its first number asks for the first numbers of keys.
 */
static void draw_high_scores(size_t keys, float first, float later)
{
    memset(q, 0, sizeof q);
    for (size_t r = 0; r < ROWS; r++)
        q[r * DIM] = 1.0f;
    for (size_t j = 0; j < keys; j++)
        k[j * DIM] = j < 64 ? first : later;
}

static void expect_values_in_range(heed_attention_args a)
{
    const int exponent = 95 - log2_above(a.kv_rows);

    cr_assert_eq(heed_attention(&a), HEED_OK);
    multiply(v, far_v, a.kv_rows * DIM, exponent);
    a.v.data = far_v;
    a.o.data = far_o;
    cr_assert_eq(heed_attention(&a), HEED_OK);
    expect_scaled(o, far_o, OUTPUTS, exponent, a.isa, "o");
}

/* Weights of 2^16, as far as they mostly come, are those of scores 11.09 above the maximum. */
ISA_TEST(range, values_below_2_95_over_the_keys)
{
    struct random random = {1};

    for (size_t i = 0; i < sizeof key_counts / sizeof *key_counts; i++) {
        fill_values(&random);
        draw_high_scores(key_counts[i], 0.0f, 11.09f);
        expect_values_in_range(problem(isa, key_counts[i]));
        fill(&random, q, sizeof q / sizeof *q);
        fill(&random, k, sizeof k / sizeof *k);
        expect_values_in_range(problem(isa, key_counts[i]));
    }
}

/*
 * Scores so large that the next float weighs 2^32 times as much, or nearly: that is how far they
 * may exceed the maximum, for what raises it, half of that and a little more, is rounded up.
 */
ISA_TEST(range, values_whose_weights_are_2_32)
{
    struct random random = {2};

    for (size_t i = 0; i < sizeof key_counts / sizeof *key_counts; i++) {
        heed_attention_args a = problem(isa, key_counts[i]);

        a.scale = 2.0f / 1.44269504f * (1.0f - 0x1p-16f);
        fill_values(&random);
        draw_high_scores(key_counts[i], 0x1p27f, 0x1p27f + 16.0f);
        expect_values_in_range(a);
    }
}

/* All values the largest that there may be: their mean is that number again. */
ISA_TEST(range, mean_of_equal_values)
{
    for (size_t i = 0; i < sizeof key_counts / sizeof *key_counts; i++) {
        const size_t keys = key_counts[i];
        heed_attention_args a = problem(isa, keys);
        const float value = 0x1p95f / (float)keys * (1.0f - 0x1p-23f);
        /* A sum of n terms is off by n u, and so is that of the weights; a few roundings more. */
        const double error = (2.0 * (double)keys + 8.0) * 0x1p-24;

        for (size_t j = 0; j < keys * DIM; j++)
            v[j] = value;
        draw_high_scores(keys, 0.0f, 11.09f);
        cr_assert_eq(heed_attention(&a), HEED_OK);
        for (size_t j = 0; j < OUTPUTS; j++)
            cr_assert(fabs((double)o[j] / (double)value - 1.0) <= error, "%s, %zu keys: %.9g",
                      heed_isa_name(isa), keys, (double)o[j]);
    }
}

/* Of bf16, where a matrix unit may take all, and of 8 bits, whose scales are in this range. */
ISA_TEST(range, values_of_other_types)
{
    static uint16_t half_q[OUTPUTS], half_k[MOST_KEYS * DIM], half_v[2][MOST_KEYS * DIM];
    static signed char bytes[MOST_KEYS * DIM];
    static float scales[2][MOST_KEYS];
    const size_t keys = 1100;
    const int exponent = 95 - log2_above(keys);
    struct random random = {3};
    heed_attention_args a = problem(isa, keys);

    fill_values(&random);
    draw_high_scores(keys, 0.0f, 11.0f);
    for (size_t i = 0; i < keys * DIM; i++) {
        dtype_write(HEED_BF16, &half_k[i], (double)k[i]);
        dtype_write(HEED_BF16, &half_v[0][i], (double)v[i]);
        dtype_write(HEED_BF16, &half_v[1][i],
                    ldexp(dtype_read(HEED_BF16, &half_v[0][i]), exponent));
        bytes[i] = (signed char)(v[i] * 127.0f);
        scales[0][i / DIM] = 0x1p-7f;
        scales[1][i / DIM] = ldexpf(0x1p-7f, exponent);
    }
    for (size_t i = 0; i < OUTPUTS; i++)
        dtype_write(HEED_BF16, &half_q[i], (double)q[i]);
    a.q = (heed_input){.data = half_q, .dtype = HEED_BF16};
    a.k = (heed_input){.data = half_k, .dtype = HEED_BF16};
    a.v = (heed_input){.data = half_v[0], .dtype = HEED_BF16};
    cr_assert_eq(heed_attention(&a), HEED_OK);
    a.v.data = half_v[1];
    a.o.data = far_o;
    cr_assert_eq(heed_attention(&a), HEED_OK);
    expect_scaled(o, far_o, OUTPUTS, exponent, isa, "o of bf16");

    a = problem(isa, keys);
    a.v = (heed_input){.data = bytes, .dtype = HEED_I8};
    a.v_scales.data = scales[0];
    cr_assert_eq(heed_attention(&a), HEED_OK);
    a.v_scales.data = scales[1];
    a.o.data = far_o;
    cr_assert_eq(heed_attention(&a), HEED_OK);
    expect_scaled(o, far_o, OUTPUTS, exponent, isa, "o of i8");
}

/* Queries and keys whose products are 2^exponent times as large, and a scale that undoes that. */
static void attend_far(heed_attention_args a, int exponent)
{
    const int half = exponent / 2;

    multiply(q, far_q, OUTPUTS, half);
    multiply(k, far_k, a.kv_rows * DIM, exponent - half);
    a.scale = ldexpf(a.scale, -exponent);
    a.q.data = far_q;
    a.k.data = far_k;
    a.o.data = far_o;
    a.lse.data = far_lse;
    cr_assert_eq(heed_attention(&a), HEED_OK);
}

/* Of 8 products below 1 each sums stay below 2^126 if these are multiplied by up to 2^123. */
ISA_TEST(range, products_below_2_126)
{
    static const int exponents[] = {-60, 60, 100, 122};
    struct random random = {4};

    for (size_t i = 0; i < sizeof key_counts / sizeof *key_counts; i++) {
        const heed_attention_args a = problem(isa, key_counts[i]);

        fill(&random, q, sizeof q / sizeof *q);
        fill(&random, k, sizeof k / sizeof *k);
        fill(&random, v, sizeof v / sizeof *v);
        cr_assert_eq(heed_attention(&a), HEED_OK);
        for (size_t e = 0; e < sizeof exponents / sizeof *exponents; e++) {
            attend_far(a, exponents[e]);
            expect_scaled(o, far_o, OUTPUTS, 0, isa, "o");
            expect_scaled(lse, far_lse, ROWS, 0, isa, "lse");
        }
    }
}

/*
 * There scores cannot differ by as much as raises a maximum elsewhere, and it rises sooner, so that
 * bits are others: within the roundings of as many weights, and of a scale that may be denormal.
 */
ISA_TEST(range, products_with_a_tiny_scale)
{
    struct random random = {5};

    for (size_t i = 0; i < sizeof key_counts / sizeof *key_counts; i++) {
        heed_attention_args a = problem(isa, key_counts[i]);
        const double error = (2.0 * (double)key_counts[i] + 64.0) * 0x1p-24;

        fill(&random, q, sizeof q / sizeof *q);
        fill(&random, k, sizeof k / sizeof *k);
        fill(&random, v, sizeof v / sizeof *v);
        for (float scale = 1.0f; scale >= 0x1p-6f; scale /= 4.0f) {
            a.scale = scale;
            cr_assert_eq(heed_attention(&a), HEED_OK);
            attend_far(a, 123);
            for (size_t j = 0; j < OUTPUTS; j++)
                cr_assert(fabs((double)o[j] - (double)far_o[j]) <= error, "%s: %.9g, not %.9g",
                          heed_isa_name(isa), (double)far_o[j], (double)o[j]);
        }
    }
}

/* Gradients: sums over dims of d_o v and d_o o, and those of their products with q and k. */
ISA_TEST(range, gradients_whose_sums_are_below_2_126)
{
    enum { KEYS = 130, NUMBERS = KEYS * DIM };
    static float d_o[OUTPUTS], far_d_o[OUTPUTS], d[2][3][NUMBERS], values[OUTPUTS];
    const int exponent = (126 - 2 - log2_above(KEYS * DIM)) / 2;
    struct random random = {6};
    heed_attention_args forward = problem(isa, KEYS);
    heed_attention_backward_args a = HEED_INIT(heed_attention_backward_args);

    fill(&random, q, sizeof q / sizeof *q);
    fill(&random, k, sizeof k / sizeof *k);
    fill(&random, v, sizeof v / sizeof *v);
    fill(&random, d_o, OUTPUTS);
    cr_assert_eq(heed_attention(&forward), HEED_OK);
    a.batch = a.q_heads = a.kv_heads = 1;
    a.q_rows = ROWS;
    a.kv_rows = KEYS;
    a.qk_dim = a.v_dim = DIM;
    a.q = forward.q;
    a.k = forward.k;
    a.lse.data = lse;
    a.scale = forward.scale;
    a.isa = isa;
    for (int far = 0; far < 2; far++) {
        multiply(v, far_v, NUMBERS, far * exponent);
        multiply(o, values, OUTPUTS, far * exponent);
        multiply(d_o, far_d_o, OUTPUTS, far * exponent);
        a.v.data = far_v;
        a.o.data = values;
        a.d_o.data = far_d_o;
        a.d_q.data = d[far][0];
        a.d_k.data = d[far][1];
        a.d_v.data = d[far][2];
        cr_assert_eq(heed_attention_backward(&a), HEED_OK);
    }
    expect_scaled(d[0][0], d[1][0], OUTPUTS, 2 * exponent, isa, "d_q");
    expect_scaled(d[0][1], d[1][1], NUMBERS, 2 * exponent, isa, "d_k");
    expect_scaled(d[0][2], d[1][2], NUMBERS, exponent, isa, "d_v");
}
