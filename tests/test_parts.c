/* SPDX-License-Identifier: MIT */
/*
 * test_parts.c - attention that a matrix unit multiplies as sums of products of parts of
 * bf16: how exact, and what FAST allows.
 */
#include <math.h>
#include <string.h>

#include "half.h"
#include "isa_test.h"
#include "parts_problem.h"

static double number(const heed_input *x, const heed_input *scales, size_t r, size_t d)
{
    const char *row = (const char *)x->data + (r * PARTS_DIM + d) * dtype_size(x->dtype);
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
    double weight[PARTS_KEYS], max = -INFINITY, sum = 0;

    for (size_t j = 0; j < PARTS_KEYS; j++) {
        double score = 0;

        for (size_t d = 0; d < PARTS_DIM; d++)
            score = step(score + number(&a->q, &none, r, d) * number(&a->k, &a->k_scales, j, d));
        weight[j] = round(score * (double)(float)(1 / sqrt(PARTS_DIM)));
        max = fmax(max, weight[j]);
    }
    for (size_t j = 0; j < PARTS_KEYS; j++)
        sum = step(sum + (weight[j] = round(exp(weight[j] - max))));
    for (size_t d = 0; d < PARTS_DIM; d++) {
        result[d] = size[d] = 0;
        for (size_t j = 0; j < PARTS_KEYS; j++) {
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

/* Of parts_o, of parts_other, and of a computation that is rounded after every step. */
static void errors_of(const heed_attention_args *a, double round(double), struct error of[3])
{
    memset(of, 0, 3 * sizeof *of);
    for (size_t r = 0; r < PARTS_ROWS; r++) {
        double exact[PARTS_DIM], rounded[PARTS_DIM], size[PARTS_DIM], ignored[PARTS_DIM];

        straightforward(a, as_it_is, r, exact, size);
        straightforward(a, round, r, rounded, ignored);
        for (size_t d = 0; d < PARTS_DIM; d++) {
            add_error(&of[0], (double)parts_o[r * PARTS_DIM + d], exact[d], size[d]);
            add_error(&of[1], (double)parts_other[r * PARTS_DIM + d], exact[d], size[d]);
            add_error(&of[2], rounded[d], exact[d], size[d]);
        }
    }
}

/* Six products are at least as exact as a chain of FMAs of f32, for scores of any size. */
ISA_TEST(parts, f32_is_no_less_exact_than_by_fmas)
{
    static const float spreads[] = {1.0f, 30.0f};

    for (size_t i = 0; i < 2; i++) {
        heed_attention_args a = parts_problem(isa, HEED_F32, HEED_F32, spreads[i]);
        struct error error[3];

        if (!parts_taken(&a))
            cr_skip_test("%s multiplies f32 by FMAs", heed_isa_name(isa));
        cr_assert_eq(heed_attention(&a), HEED_OK);
        parts_attend_plainly(a);
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
        heed_attention_args a =
            parts_problem(isa, parts_types[i % 3], parts_types[i / 3 % 5], spread);
        int products[2];
        struct error error[3];

        if (!heed_isa_unit(isa, a.q.dtype, a.k.dtype, a.v.dtype, HEED_PRECISION_SPLIT, products))
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
        heed_attention_args a =
            parts_problem(isa, parts_types[i % 3], parts_types[i / 3 % 5], spreads[i / 15]);
        int products[2], fewer[2];
        struct error error[3];

        heed_isa_unit(isa, a.q.dtype, a.k.dtype, a.v.dtype, HEED_PRECISION_SPLIT, products);
        heed_isa_unit(isa, a.q.dtype, a.k.dtype, a.v.dtype, HEED_PRECISION_FAST, fewer);
        cr_assert_eq(heed_attention(&a), HEED_OK);
        memcpy(parts_other, parts_o, sizeof parts_o);
        a.precision = HEED_PRECISION_FAST;
        cr_assert_eq(heed_attention(&a), HEED_OK);
        if (products[1] == fewer[1]) {
            cr_expect_arr_eq(parts_o, parts_other, sizeof parts_o,
                             "%s: nothing is faster, yet other bits", heed_isa_name(isa));
            continue;
        }
        errors_of(&a, to_f32, error);
        cr_expect_leq(error[0].most, 0x1p-16 + 2 * error[2].most, "%s, types %d and %d: %g",
                      heed_isa_name(isa), (int)a.q.dtype, (int)a.k.dtype, error[0].most);
    }
}

/* All values tiny: none of their digits is lost. */
ISA_TEST(parts, tiny_values_keep_their_digits)
{
    heed_attention_args a = parts_problem(isa, HEED_F32, HEED_F32, 1.0f);
    struct error error[3];

    for (size_t i = 0; i < PARTS_INPUT; i++)
        parts_v[i] *= 1e-33f;
    cr_assert_eq(heed_attention(&a), HEED_OK);
    memcpy(parts_other, parts_o, sizeof parts_o);
    errors_of(&a, as_it_is, error);
    cr_expect_leq(error[0].most, 300 * 0x1p-24, "%s: %g", heed_isa_name(isa), error[0].most);
}
