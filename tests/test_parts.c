/* SPDX-License-Identifier: MIT */
/*
 * test_parts.c - attention that a matrix unit multiplies as sums of products of parts of
 * bf16: how exact, what it does with numbers beyond its range, and what FAST allows.
 */
#define _DEFAULT_SOURCE /* setenv */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "half.h"
#include "isa_test.h"
#include "random.h"

enum { ROWS = 19, KEYS = 300, DIM = 72, MOST = KEYS * DIM };

static float q[ROWS * DIM], k[MOST], v[MOST], k_scales[KEYS], v_scales[KEYS];
static float o[ROWS * DIM], other[ROWS * DIM];

static const heed_dtype types[] = {HEED_F32, HEED_F16, HEED_BF16, HEED_I8, HEED_F8};

static bool is_byte(heed_dtype type)
{
    return type == HEED_I8 || type == HEED_F8;
}

/* Numbers of up to `spread`; of 8 bits as many as they have, which scales make less again. */
static void draw(struct random *random, heed_dtype type, float *numbers, size_t n, float spread)
{
    const float most = type == HEED_I8 ? 127.0f : spread;

    for (size_t i = 0; i < n; i++)
        dtype_write(type, (char *)numbers + i * dtype_size(type),
                    (double)random_float(random, -most, most));
}

static heed_attention_args problem(const heed_isa *isa, heed_dtype q_type, heed_dtype kv_type,
                                   float spread)
{
    struct random random = {(uint64_t)q_type * 8 + kv_type};
    heed_attention_args a = {HEED_SIZED(heed_attention_args),
                             .batch = 1,
                             .q_heads = 1,
                             .kv_heads = 1,
                             .q_rows = ROWS,
                             .kv_rows = KEYS,
                             .qk_dim = DIM,
                             .v_dim = DIM,
                             .q = {.data = q, .dtype = q_type},
                             .k = {.data = k, .dtype = kv_type},
                             .v = {.data = v, .dtype = kv_type},
                             .o = {.data = o},
                             .isa = isa};

    draw(&random, q_type, q, ROWS * DIM, spread);
    draw(&random, kv_type, k, MOST, 1.0f);
    draw(&random, kv_type, v, MOST, 1.0f);
    for (size_t j = 0; j < KEYS; j++) {
        k_scales[j] = random_float(&random, 0.5f, 1.0f) / (kv_type == HEED_I8 ? 127.0f : 1.0f);
        v_scales[j] = random_float(&random, 0.5f, 1.0f) / (kv_type == HEED_I8 ? 127.0f : 1.0f);
    }
    if (is_byte(kv_type))
        a.k_scales.data = k_scales, a.v_scales.data = v_scales;
    return a;
}

static double number(const heed_input *x, const heed_input *scales, size_t r, size_t d)
{
    const char *row = (const char *)x->data + (r * DIM + d) * dtype_size(x->dtype);
    const float *by = scales->data;

    return dtype_read(x->dtype, row) * (by ? (double)by[r] : 1);
}

static double as_it_is(double x)
{
    return x;
}

static double to_f32(double x)
{
    return (double)(float)x;
}

static double to_bf16(double x)
{
    uint16_t half;

    dtype_write(HEED_BF16, &half, x);
    return dtype_read(HEED_BF16, &half);
}

/*
 * Scores, weights and results rounded, and what is in between as far as tensors of that type
 * have it: sums of bf16 are f32.  `size` gets the sum of the magnitudes.
 */
static void straightforward(const heed_attention_args *a, double round(double), size_t r,
                            double *result, double *size)
{
    double (*const step)(double) = round == to_bf16 ? to_f32 : round;
    const heed_input none = {0};
    double weight[KEYS], max = -INFINITY, sum = 0;

    for (size_t j = 0; j < KEYS; j++) {
        double score = 0;

        for (size_t d = 0; d < DIM; d++)
            score = step(score + number(&a->q, &none, r, d) * number(&a->k, &a->k_scales, j, d));
        weight[j] = round(score * (double)(float)(1 / sqrt(DIM)));
        max = fmax(max, weight[j]);
    }
    for (size_t j = 0; j < KEYS; j++)
        sum = step(sum + (weight[j] = round(exp(weight[j] - max))));
    for (size_t d = 0; d < DIM; d++) {
        result[d] = size[d] = 0;
        for (size_t j = 0; j < KEYS; j++) {
            const double term = weight[j] / sum * number(&a->v, &a->v_scales, j, d);

            result[d] = step(result[d] + term);
            size[d] += fabs(term);
        }
        result[d] = round(result[d]);
    }
}

/* Errors relative to the average magnitude of the values. */
struct error {
    double most, square;
};

static void add_error(struct error *e, double got, double want, double size)
{
    const double off = fabs(got - want) / size;

    e->most = fmax(e->most, off);
    e->square += off * off;
}

/* Of `results`, of another computation, and of one that is rounded after every step. */
static void errors_of(const heed_attention_args *a, double round(double), struct error of[3])
{
    memset(of, 0, 3 * sizeof *of);
    for (size_t r = 0; r < ROWS; r++) {
        double exact[DIM], rounded[DIM], size[DIM], ignored[DIM];

        straightforward(a, as_it_is, r, exact, size);
        straightforward(a, round, r, rounded, ignored);
        for (size_t d = 0; d < DIM; d++) {
            add_error(&of[0], (double)o[r * DIM + d], exact[d], size[d]);
            add_error(&of[1], (double)other[r * DIM + d], exact[d], size[d]);
            add_error(&of[2], rounded[d], exact[d], size[d]);
        }
    }
}

static bool takes(const heed_attention_args *a)
{
    return heed_isa_unit(a->isa, a->q.dtype, a->k.dtype, a->v.dtype, a->precision, NULL);
}

/* The instruction set that has the same FMAs; or any. */
static const heed_isa *plain_form(const heed_isa *isa)
{
    static const char *const of[][2] = {
        {"amx", "avx512"}, {"avx512bf16", "avx512"}, {"neonbf16", "neon"}};

    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (!strcmp(heed_isa_name(isa), of[i][0]))
            return heed_isa_find(of[i][1]);
    return heed_isa_find("scalar");
}

static void attend_plainly(heed_attention_args a)
{
    a.isa = plain_form(a.isa);
    a.o.data = other;
    cr_assert_eq(heed_attention(&a), HEED_OK);
}

/* Six products are at least as exact as a chain of FMAs of f32, for scores of any size. */
ISA_TEST(parts, f32_is_no_less_exact_than_by_fmas)
{
    static const float spreads[] = {1.0f, 30.0f};

    for (size_t i = 0; i < 2; i++) {
        heed_attention_args a = problem(isa, HEED_F32, HEED_F32, spreads[i]);
        struct error error[3];

        if (!takes(&a))
            cr_skip_test("%s multiplies f32 by FMAs", heed_isa_name(isa));
        cr_assert_eq(heed_attention(&a), HEED_OK);
        attend_plainly(a);
        errors_of(&a, to_f32, error);
        cr_expect_leq(error[0].square, error[1].square, "%s, x%g: %g, by FMAs %g",
                      heed_isa_name(isa), (double)spreads[i], sqrt(error[0].square),
                      sqrt(error[1].square));
        cr_expect_leq(error[0].most, error[1].most, "%s, x%g: %g, by FMAs %g", heed_isa_name(isa),
                      (double)spreads[i], error[0].most, error[1].most);
    }
}

/*
 * FlashAttention's criterion (Dao et al. 2022, arXiv:2205.14135; tests/test_flash_attn.py
 * there): at most twice the error of a straightforward computation in the same type, which is
 * that of the queries, or f32.
 */
ISA_TEST(parts, error_is_at_most_twice_the_straightforward)
{
    static const float spreads[] = {1.0f, 30.0f};

    for (size_t i = 0; i < 3 * 5 * 2; i++) {
        const float spread = spreads[i / 15];
        heed_attention_args a = problem(isa, types[i % 3], types[i / 3 % 5], spread);
        int products[2];
        struct error error[3];

        if (!heed_isa_unit(isa, a.q.dtype, a.k.dtype, a.v.dtype, HEED_PRECISION_DEFAULT, products))
            continue;
        cr_assert_eq(heed_attention(&a), HEED_OK);
        errors_of(&a, products[1] == 1 ? to_bf16 : to_f32, error);
        cr_expect_leq(error[0].most, 2 * error[2].most,
                      "%s, types %d and %d, x%g: %g, straightforward %g", heed_isa_name(isa),
                      (int)a.q.dtype, (int)a.k.dtype, (double)spread, error[0].most, error[2].most);
    }
}

/* Three products are missing, of at most 2^-18 of each term; the rest is as f32 has it. */
ISA_TEST(parts, fast_is_off_by_2_to_the_minus_16)
{
    static const float spreads[] = {1.0f, 30.0f};

    for (size_t i = 0; i < 3 * 5 * 2; i++) {
        heed_attention_args a = problem(isa, types[i % 3], types[i / 3 % 5], spreads[i / 15]);
        int products[2], fewer[2];
        struct error error[3];

        heed_isa_unit(isa, a.q.dtype, a.k.dtype, a.v.dtype, HEED_PRECISION_DEFAULT, products);
        heed_isa_unit(isa, a.q.dtype, a.k.dtype, a.v.dtype, HEED_PRECISION_FAST, fewer);
        cr_assert_eq(heed_attention(&a), HEED_OK);
        memcpy(other, o, sizeof o);
        a.precision = HEED_PRECISION_FAST;
        cr_assert_eq(heed_attention(&a), HEED_OK);
        if (products[1] == fewer[1]) {
            cr_expect_arr_eq(o, other, sizeof o, "%s: nothing is faster, yet other bits",
                             heed_isa_name(isa));
            continue;
        }
        errors_of(&a, to_f32, error);
        cr_expect_leq(error[0].most, 0x1p-16 + 2 * error[2].most, "%s, types %d and %d: %g",
                      heed_isa_name(isa), (int)a.q.dtype, (int)a.k.dtype, error[0].most);
    }
}

/* A number beyond the range of the unit, in each operand: as if there were no unit. */
ISA_TEST(parts, numbers_beyond_the_unit_go_by_fmas)
{
    static const float numbers[] = {1e30f, -3e38f,   1e-30f,  1e-39f,
                                    NAN,   INFINITY, 0x1p50f, 0x1p-81f};
    float *const operands[] = {q, k, v};

    for (size_t i = 0; i < 3 * 8; i++) {
        heed_attention_args a = problem(isa, HEED_F32, HEED_F32, 1.0f);
        const float x = numbers[i / 3];

        if (!takes(&a))
            cr_skip_test("%s multiplies f32 by FMAs", heed_isa_name(isa));
        operands[i % 3][DIM * 11 + 5] = x;
        cr_assert_eq(heed_attention(&a), HEED_OK);
        attend_plainly(a);
        for (size_t n = 0; n < ROWS * DIM; n++) {
            const double got = (double)o[n], want = (double)other[n];

            /* 300 roundings of 2^-24 each, of sums of up to the number itself. */
            cr_assert((isnan(got) && isnan(want)) || got == want ||
                          fabs(got - want) <= 300 * 0x1p-24 * fmax(1, fabs(want)),
                      "%s: %g in operand %zu, o[%zu] is %.9g, by FMAs %.9g", heed_isa_name(isa),
                      (double)x, i % 3, n, got, want);
        }
    }
}

/* All values tiny: none of their digits is lost. */
ISA_TEST(parts, tiny_values_keep_their_digits)
{
    heed_attention_args a = problem(isa, HEED_F32, HEED_F32, 1.0f);
    struct error error[3];

    for (size_t i = 0; i < MOST; i++)
        v[i] *= 1e-33f;
    cr_assert_eq(heed_attention(&a), HEED_OK);
    memcpy(other, o, sizeof o);
    errors_of(&a, as_it_is, error);
    cr_expect_leq(error[0].most, 300 * 0x1p-24, "%s: %g", heed_isa_name(isa), error[0].most);
}

/* What a row does not see, it does not notice, be it within the range of the unit or not. */
ISA_TEST(parts, hidden_numbers_beyond_the_unit_change_no_bit)
{
    static const float numbers[] = {1e30f, NAN, 1e-30f};

    for (size_t i = 0; i < 3 * 5; i++) {
        heed_attention_args a = problem(isa, HEED_F32, HEED_F32, 3.0f);
        const size_t hidden =
            i % 5 * 67; /* in each block of 64 one, seen by some rows or by none */

        a.mask = HEED_MASK_CAUSAL_FROM;
        a.q_position = (ptrdiff_t)hidden - ROWS / 2;
        cr_assert_eq(heed_attention(&a), HEED_OK);
        memcpy(other, o, sizeof o);
        k[hidden * DIM + 3] = v[hidden * DIM + 7] = numbers[i / 5];
        cr_assert_eq(heed_attention(&a), HEED_OK);
        cr_expect_arr_eq(o, other, ROWS / 2 * DIM * sizeof *o, "%s: key %zu, %g",
                         heed_isa_name(isa), hidden, (double)numbers[i / 5]);
    }
}

/* Scales of values beyond it: 0, tiny, huge, NaN where nobody sees it. */
ISA_TEST(parts, scales_beyond_the_unit_go_by_fmas)
{
    static const float numbers[] = {0.0f, 1e-33f, 1e33f, NAN};
    heed_attention_args a = problem(isa, HEED_F32, HEED_I8, 1.0f);
    float rest[ROWS * DIM];

    a.kv_lengths = (const size_t[]){KEYS - 1};
    cr_assert_eq(heed_attention(&a), HEED_OK);
    memcpy(rest, o, sizeof o);
    v_scales[KEYS - 1] = k_scales[KEYS - 1] = NAN;
    cr_assert_eq(heed_attention(&a), HEED_OK);
    cr_expect_arr_eq(o, rest, sizeof o, "%s: a hidden scale", heed_isa_name(isa));
    for (size_t i = 0; i < 4; i++) {
        v_scales[100] = numbers[i];
        cr_assert_eq(heed_attention(&a), HEED_OK);
        a.q_rows = 1;
        attend_plainly(a);
        a.q_rows = ROWS;
        for (size_t d = 0; d < DIM; d++)
            cr_expect((isnan(o[d]) && isnan(other[d])) ||
                          fabsf(o[d] - other[d]) <= 300 * 0x1p-24f * fmaxf(1, fabsf(other[d])),
                      "%s: scale %g, o[%zu] is %.9g, by FMAs %.9g", heed_isa_name(isa),
                      (double)numbers[i], d, (double)o[d], (double)other[d]);
    }
}

/* The tiniest problem has the bits of a greater one, though it could go a shorter way. */
ISA_TEST(parts, tiny_problems_have_the_same_bits)
{
    float lse[3];
    heed_attention_args a = problem(isa, HEED_F32, HEED_F32, 1.0f);

    a.q_rows = a.kv_rows = 3;
    a.qk_dim = a.v_dim = 1;
    cr_assert_eq(heed_attention(&a), HEED_OK);
    memcpy(other, o, sizeof o);
    a.lse.data = lse;
    cr_assert_eq(heed_attention(&a), HEED_OK);
    cr_expect_arr_eq(o, other, 3 * sizeof *o, "%s", heed_isa_name(isa));
}

/* Where the operating system does not give the tiles, f32 has the bits of the FMAs. */
Test(parts, refused_tiles_are_done_without)
{
    const heed_isa *amx = heed_isa_find("amx");
    int products[2];

    if (!heed_isa_emulated(amx))
        cr_skip_test("AMX is not emulated here");
    setenv("HEED_REFUSE_TILES", "1", 1);

    heed_attention_args a = problem(amx, HEED_F32, HEED_F32, 1.0f);
    cr_assert_eq(heed_attention(&a), HEED_OK);
    attend_plainly(a);
    cr_expect_arr_eq(o, other, sizeof o);
    cr_expect_not(heed_isa_unit(amx, HEED_F32, HEED_F32, HEED_F32, HEED_PRECISION_FAST, products));
    cr_expect(products[0] == 0 && products[1] == 0);
}

Test(parts, an_unknown_precision_is_refused)
{
    char reason[80];
    heed_attention_args a = problem(NULL, HEED_F32, HEED_F32, 1.0f);

    for (int precision = -1; precision < 4; precision++) {
        const heed_status want = precision == 0 || precision == 1 ? HEED_OK : HEED_INVALID_ARGUMENT;

        a.precision = (heed_precision)precision;
        cr_expect_eq(heed_attention(&a), want, "%d", precision);
        cr_expect_eq(heed_attention_check(&a, reason, sizeof reason), want, "%d", precision);
        cr_expect(want == HEED_OK || strstr(reason, "precision"), "%s", reason);
    }
}

Test(parts, no_products_of_what_is_no_number)
{
    int products[2];

    for (size_t i = 0; heed_isa_at(i); i++) {
        cr_expect_not(heed_isa_unit(heed_isa_at(i), HEED_I8, HEED_I8, HEED_I8,
                                    HEED_PRECISION_DEFAULT, products));
        cr_expect_not(heed_isa_unit(heed_isa_at(i), HEED_BF16, HEED_BITS, HEED_U8,
                                    HEED_PRECISION_DEFAULT, products));
    }
}
