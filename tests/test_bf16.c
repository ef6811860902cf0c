/* SPDX-License-Identifier: MIT */
/* test_bf16.c - attention that a matrix unit multiplies in bf16: how exact, and for whom. */
#define _DEFAULT_SOURCE /* setenv */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "half.h"
#include "isa_test.h"
#include "random.h"

enum { ROWS = 19, KEYS = 1100, DIM = 72, MOST = KEYS * DIM };

static uint16_t q[ROWS * DIM], k[MOST], v[MOST];
static uint16_t o[ROWS * DIM];

static double number(const uint16_t *x)
{
    return dtype_read(HEED_BF16, x);
}

static void draw(uint64_t seed, float spread)
{
    struct random random = {seed};

    for (size_t i = 0; i < ROWS * DIM; i++)
        dtype_write(HEED_BF16, q + i, (double)random_float(&random, -spread, spread));
    for (size_t i = 0; i < MOST; i++) {
        dtype_write(HEED_BF16, k + i, (double)random_float(&random, -1.0f, 1.0f));
        dtype_write(HEED_BF16, v + i, (double)random_float(&random, -1.0f, 1.0f));
    }
}

static heed_attention_args problem(const heed_isa *isa)
{
    return (heed_attention_args){HEED_SIZED(heed_attention_args),
                                 .batch = 1,
                                 .q_heads = 1,
                                 .kv_heads = 1,
                                 .q_rows = ROWS,
                                 .kv_rows = KEYS,
                                 .qk_dim = DIM,
                                 .v_dim = DIM,
                                 .q = {.data = q, .dtype = HEED_BF16},
                                 .k = {.data = k, .dtype = HEED_BF16},
                                 .v = {.data = v, .dtype = HEED_BF16},
                                 .o = {.data = o, .dtype = HEED_BF16},
                                 .isa = isa};
}

static double to_bf16(double x)
{
    uint16_t half;

    dtype_write(HEED_BF16, &half, x);
    return number(&half);
}

/* Rounded after every step, as a program has it that computes with tensors of bf16; or never. */
static double as_it_is(double x)
{
    return x;
}

static void straightforward(double round(double), size_t r, size_t keys, double *result)
{
    double weight[KEYS], max = -INFINITY, sum = 0;

    for (size_t j = 0; j < keys; j++) {
        double score = 0;

        for (size_t d = 0; d < DIM; d++)
            score += number(q + r * DIM + d) * number(k + j * DIM + d);
        weight[j] = round(score / sqrt(DIM));
        max = weight[j] > max ? weight[j] : max;
    }
    for (size_t j = 0; j < keys; j++)
        sum += weight[j] = exp(weight[j] - max);
    for (size_t d = 0; d < DIM; d++) {
        double total = 0;

        for (size_t j = 0; j < keys; j++)
            total += round(weight[j] / sum) * number(v + j * DIM + d);
        result[d] = round(total);
    }
}

/*
 * FlashAttention's criterion (Dao et al. 2022, arXiv:2205.14135; tests/test_flash_attn.py
 * there): at most twice the error of a straightforward computation in the same type.
 */
static void compare_errors(const heed_isa *isa, bool causal)
{
    double ours = 0, theirs = 0;
    heed_attention_args a = problem(isa);

    a.mask = causal ? HEED_MASK_CAUSAL : HEED_MASK_NONE;
    cr_assert_eq(heed_attention(&a), HEED_OK);
    for (size_t r = 0; r < ROWS; r++) {
        const size_t keys = causal ? KEYS - ROWS + r + 1 : KEYS;
        double exact[DIM], rounded[DIM];

        straightforward(as_it_is, r, keys, exact);
        straightforward(to_bf16, r, keys, rounded);
        for (size_t d = 0; d < DIM; d++) {
            ours = fmax(ours, fabs(number(o + r * DIM + d) - exact[d]));
            theirs = fmax(theirs, fabs(rounded[d] - exact[d]));
        }
    }
    cr_expect_leq(ours, 2 * theirs, "%s: %g, straightforward %g", heed_isa_name(isa), ours, theirs);
}

ISA_TEST(bf16, error_is_at_most_twice_the_straightforward)
{
    static const float spreads[] = {1.0f, 10.0f, 30.0f};

    for (size_t i = 0; i < 3; i++) {
        draw(i, spreads[i]);
        compare_errors(isa, i % 2);
    }
}

/*
 * An average of equal values is that value, whatever the weights are rounded to: their sum
 * is that of the rounded ones.  Five products and their sum round ten times, each by up to
 * 2^-23, the weights' sum and the division six: 2^-19 is enough.  The sum of the others would be
 * off by some 2^-10.
 */
ISA_TEST(bf16, equal_values_stay)
{
    static float results[ROWS * DIM];
    heed_attention_args a = problem(isa);

    draw(5, 10.0f);
    a.kv_rows = 5;
    for (size_t i = 0; i < MOST; i++)
        dtype_write(HEED_BF16, v + i, 0.7109375);
    a.o = (heed_output){.data = results};
    cr_assert_eq(heed_attention(&a), HEED_OK);
    for (size_t i = 0; i < ROWS * DIM; i++)
        cr_assert_float_eq(results[i], 0.7109375f, 0x1p-19f, "%s: %zu is %.9g", heed_isa_name(isa),
                           i, (double)results[i]);
}

/* Two keys, whose weights are as 1 to 1 + 2^-9, between two numbers of bf16. */
ISA_TEST(bf16, says_whether_weights_are_rounded)
{
    heed_attention_args a = problem(isa);
    float result[1], bias[2] = {0.0f, (float)log1p(0x1p-9)};

    a.q_rows = 1, a.kv_rows = 2, a.qk_dim = 1, a.v_dim = 1;
    draw(1, 1.0f);
    memset(q, 0, sizeof q);
    dtype_write(HEED_BF16, v, 0);
    dtype_write(HEED_BF16, v + 1, 1);
    a.bias = (heed_score_view){.data = bias, .dtype = HEED_F32, .key_stride = 1};
    a.o = (heed_output){.data = result};
    cr_assert_eq(heed_attention(&a), HEED_OK);

    /* Relative to the larger some 1 - 2^-9 + 2^-18; the numbers of bf16 are 1 - 2^-8 and 1. */
    const double weight = heed_isa_bf16(isa) ? 1 : 1 / (1 + 0x1p-9);
    cr_expect_float_eq((double)result[0], 1 / (1 + weight), 0x1p-21, "%s: %.9g", heed_isa_name(isa),
                       (double)result[0]);
}

/* The instruction set whose kernels serve all that is not bf16: its name, less that of the type. */
static const heed_isa *plain_form(const heed_isa *isa)
{
    char name[16];

    if (!strcmp(heed_isa_name(isa), "amx"))
        return heed_isa_find("avx512");
    snprintf(name, sizeof name, "%.*s", (int)(strlen(heed_isa_name(isa)) - strlen("bf16")),
             heed_isa_name(isa));
    return heed_isa_find(name);
}

/* Queries and keys of f32: then all is as it is without a unit, unless that is asked for. */
ISA_TEST(bf16, other_types_have_the_bits_of_the_plain_instruction_set)
{
    static float wide_q[ROWS * DIM], wide[MOST], results[2][ROWS * DIM];
    heed_attention_args a = problem(isa);

    if (!heed_isa_bf16(isa) || !heed_isa_supported(plain_form(isa)))
        cr_skip_test("%s has no unit", heed_isa_name(isa));
    draw(7, 10.0f);
    for (size_t i = 0; i < MOST; i++)
        wide[i] = (float)number(k + i);
    for (size_t i = 0; i < ROWS * DIM; i++)
        wide_q[i] = (float)number(q + i);
    a.q = (heed_input){.data = wide_q};
    a.k = (heed_input){.data = wide};
    for (size_t i = 0; i < 2; i++) {
        a.o = (heed_output){.data = results[i]};
        a.isa = i ? plain_form(isa) : isa;
        cr_assert_eq(heed_attention(&a), HEED_OK);
    }
    cr_expect_arr_eq(results[0], results[1], sizeof results[0], "%s", heed_isa_name(isa));
}

/*
 * Few rows take ways of their own where a unit has them: for dims that fill its steps, natural
 * keys and packed ones, blocks that a row sees in part.  One, two, ... rows at a time are all rows.
 */
static void compare_few(const heed_isa *isa, size_t dim, size_t keys, bool packed)
{
    enum { MANY = 30, MOST_DIM = 128, MOST_KEYS = 200 };
    static uint16_t x[3][MOST_KEYS * MOST_DIM], result[2][MANY * MOST_DIM];
    static char panels[128 + 256 * MOST_DIM * sizeof(uint16_t)];
    struct random random = {dim + keys};
    heed_attention_args a = problem(isa);

    for (size_t i = 0; i < 3 * MOST_KEYS * MOST_DIM; i++)
        dtype_write(HEED_BF16, &x[0][0] + i, (double)random_float(&random, -2.0f, 2.0f));
    a.qk_dim = a.v_dim = dim, a.kv_rows = keys, a.q_rows = MANY;
    a.q.data = x[0], a.k.data = x[1], a.v.data = x[2], a.o.data = result[0];
    a.mask = HEED_MASK_CAUSAL;
    if (packed) {
        const heed_pack_k_args p = {HEED_SIZED(heed_pack_k_args),
                                    .batch = 1,
                                    .kv_heads = 1,
                                    .capacity = keys,
                                    .qk_dim = dim,
                                    .packed_dtype = HEED_BF16,
                                    .isa = isa,
                                    .rows = keys,
                                    .k = a.k,
                                    .packed = panels,
                                    .packed_size = sizeof panels};

        cr_assert_eq(heed_pack_k(&p), HEED_OK);
        a.packed_k = panels, a.packed_k_size = sizeof panels, a.k = (heed_input){0};
    }
    cr_assert_eq(heed_attention(&a), HEED_OK);
    for (size_t row = 0, rows = 1; row < MANY; row += rows++) {
        rows = MANY - row < rows ? MANY - row : rows;
        a.q.data = x[0] + row * dim, a.o.data = result[1] + row * dim;
        a.q_rows = rows, a.kv_rows = keys - MANY + row + rows;
        cr_assert_eq(heed_attention(&a), HEED_OK);
    }
    cr_expect_arr_eq(result[0], result[1], MANY * dim * sizeof result[0][0],
                     "%s, %zu dims, %zu keys%s", heed_isa_name(isa), dim, keys,
                     packed ? ", packed" : "");
}

ISA_TEST(bf16, few_rows_have_the_bits_of_many)
{
    static const size_t dims[] = {32, 64, 72, 96, 128};

    for (size_t i = 0; i < 5; i++)
        for (size_t keys = 64; keys <= 192; keys += 64)
            for (size_t more = 0; more < 6; more += 5)
                for (int packed = 0; packed < 2; packed++)
                    compare_few(isa, dims[i], keys + more, packed);
}

static void attend_into(const heed_isa *isa, uint16_t *to)
{
    heed_attention_args a = problem(isa);

    a.o.data = to;
    cr_assert_eq(heed_attention(&a), HEED_OK);
}

/* Where the operating system does not give the tiles, all is as if there were none. */
Test(bf16, refused_tiles_are_done_without)
{
    static uint16_t plain[ROWS * DIM];
    const heed_isa *amx = heed_isa_find("amx");

    if (!heed_isa_emulated(amx))
        cr_skip_test("AMX is not emulated here");
    setenv("HEED_REFUSE_TILES", "1", 1);
    draw(9, 10.0f);
    attend_into(amx, o);
    attend_into(heed_isa_find("avx512"), plain);
    cr_expect_not(heed_isa_bf16(amx));
    cr_expect_arr_eq(o, plain, sizeof o);
    attend_into(heed_isa_find("avx512bf16"), o);
    cr_expect(memcmp(o, plain, sizeof o), "the two ways do not differ here");
}

Test(bf16, no_unit_where_nothing_runs)
{
    cr_expect_not(heed_isa_bf16(heed_isa_find("scalar")));
    cr_expect_eq(heed_isa_bf16(NULL), heed_isa_bf16(heed_isa_default()));
    for (size_t i = 0; heed_isa_at(i); i++)
        if (!heed_isa_supported(heed_isa_at(i)))
            cr_expect_not(heed_isa_bf16(heed_isa_at(i)), "%s", heed_isa_name(heed_isa_at(i)));
}
