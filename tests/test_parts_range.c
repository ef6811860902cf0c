/* SPDX-License-Identifier: MIT */
/*
 * test_parts_range.c - numbers and scales beyond the range of a matrix unit, and problems too
 * small for one: what goes by FMAs, and what does not notice.
 */
#include <math.h>
#include <string.h>

#include "isa_test.h"
#include "parts_problem.h"

/* A number beyond the range of the unit, in each operand: as if there were no unit. */
ISA_TEST(parts_range, numbers_beyond_the_unit_go_by_fmas)
{
    static const float numbers[] = {1e30f, -3e38f,   1e-30f,  1e-39f,
                                    NAN,   INFINITY, 0x1p50f, 0x1p-81f};
    float *const operands[] = {parts_q, parts_k, parts_v};

    for (size_t i = 0; i < 3 * 8; i++) {
        heed_attention_args a = parts_problem(isa, HEED_F32, HEED_F32, 1.0f);
        const float x = numbers[i / 3];

        if (!parts_taken(&a))
            cr_skip_test("%s multiplies f32 by FMAs", heed_isa_name(isa));
        operands[i % 3][PARTS_DIM * 11 + 5] = x;
        cr_assert_eq(heed_attention(&a), HEED_OK);
        parts_attend_plainly(a);
        for (size_t n = 0; n < PARTS_OUTPUT; n++) {
            const double got = (double)parts_o[n], want = (double)parts_other[n];

            /* 300 roundings of 2^-24 each, of sums of up to the number itself. */
            cr_assert((isnan(got) && isnan(want)) || got == want ||
                          fabs(got - want) <= 300 * 0x1p-24 * fmax(1, fabs(want)),
                      "%s: %g in operand %zu, o[%zu] is %.9g, by FMAs %.9g", heed_isa_name(isa),
                      (double)x, i % 3, n, got, want);
        }
    }
}

/* What a row does not see, it does not notice, be it within the range of the unit or not. */
ISA_TEST(parts_range, hidden_numbers_beyond_the_unit_change_no_bit)
{
    static const float numbers[] = {1e30f, NAN, 1e-30f};

    for (size_t i = 0; i < 3 * 5; i++) {
        heed_attention_args a = parts_problem(isa, HEED_F32, HEED_F32, 3.0f);
        /* In each block of 64 one, seen by some rows or by none. */
        const size_t hidden = i % 5 * 67;

        a.mask = HEED_MASK_CAUSAL_FROM;
        a.q_position = (ptrdiff_t)hidden - PARTS_ROWS / 2;
        cr_assert_eq(heed_attention(&a), HEED_OK);
        memcpy(parts_other, parts_o, sizeof parts_o);
        parts_k[hidden * PARTS_DIM + 3] = parts_v[hidden * PARTS_DIM + 7] = numbers[i / 5];
        cr_assert_eq(heed_attention(&a), HEED_OK);
        cr_expect_arr_eq(parts_o, parts_other, PARTS_ROWS / 2 * PARTS_DIM * sizeof *parts_o,
                         "%s: key %zu, %g", heed_isa_name(isa), hidden, (double)numbers[i / 5]);
    }
}

/* Scales of values beyond it: 0, tiny, huge, NaN where nobody sees it. */
ISA_TEST(parts_range, scales_beyond_the_unit_go_by_fmas)
{
    static const float numbers[] = {0.0f, 1e-33f, 1e33f, NAN};
    heed_attention_args a = parts_problem(isa, HEED_F32, HEED_I8, 1.0f);
    float rest[PARTS_OUTPUT];

    a.kv_lengths = (const size_t[]){PARTS_KEYS - 1};
    cr_assert_eq(heed_attention(&a), HEED_OK);
    memcpy(rest, parts_o, sizeof parts_o);
    parts_v_scales[PARTS_KEYS - 1] = parts_k_scales[PARTS_KEYS - 1] = NAN;
    cr_assert_eq(heed_attention(&a), HEED_OK);
    cr_expect_arr_eq(parts_o, rest, sizeof parts_o, "%s: a hidden scale", heed_isa_name(isa));
    for (size_t i = 0; i < 4; i++) {
        parts_v_scales[100] = numbers[i];
        cr_assert_eq(heed_attention(&a), HEED_OK);
        a.q_rows = 1;
        parts_attend_plainly(a);
        a.q_rows = PARTS_ROWS;
        for (size_t d = 0; d < PARTS_DIM; d++)
            cr_expect((isnan(parts_o[d]) && isnan(parts_other[d])) ||
                          fabsf(parts_o[d] - parts_other[d]) <=
                              300 * 0x1p-24f * fmaxf(1, fabsf(parts_other[d])),
                      "%s: scale %g, o[%zu] is %.9g, by FMAs %.9g", heed_isa_name(isa),
                      (double)numbers[i], d, (double)parts_o[d], (double)parts_other[d]);
    }
}

static bool has_the_bits_of_fmas(heed_attention_args a)
{
    float lse[PARTS_ROWS], plain_lse[PARTS_ROWS];

    a.lse.data = lse;
    cr_assert_eq(heed_attention(&a), HEED_OK);
    a.lse.data = plain_lse;
    parts_attend_plainly(a);
    return !memcmp(parts_o, parts_other, sizeof parts_o) && !memcmp(lse, plain_lse, sizeof lse);
}

/*
 * A scale of scores so large that they might show what a unit loses of tiny numbers.  Where
 * weights are of bf16, with a single product, they do not: such calls go to the unit.
 */
ISA_TEST(parts_range, scales_of_scores_above_2_to_the_30_go_by_fmas)
{
    static const float scales[] = {0x1p30f, -0x1p30f, 0x1.000002p30f, -0x1.000002p30f, 0x1p50f};

    for (size_t i = 0; i < 3 * 5 * 5; i++) {
        const heed_dtype q_type = parts_types[i % 3];
        /* Scores of about 1; f16 has nothing so small: there log-sum-exps tell. */
        heed_attention_args a = parts_problem(isa, q_type, parts_types[i / 3 % 5],
                                              q_type == HEED_F16 ? 0x1p-14f : 0x1p-30f);
        int products[2];

        a.scale = scales[i / 15];
        if (!heed_isa_unit(isa, q_type, a.k.dtype, a.v.dtype, a.precision, products) ||
            products[1] == 1)
            continue;
        if (i / 15 > 1)
            cr_expect(has_the_bits_of_fmas(a), "%s, types %d and %d, scale %g", heed_isa_name(isa),
                      (int)q_type, (int)a.k.dtype, (double)a.scale);
        else if (q_type == HEED_F32) /* sums of shorter numbers may be exact either way */
            cr_expect_not(has_the_bits_of_fmas(a), "%s, f32 and type %d, scale %g: no unit",
                          heed_isa_name(isa), (int)a.k.dtype, (double)a.scale);
    }
}

/* The tiniest problem has the bits of a greater one, though it could go a shorter way. */
ISA_TEST(parts_range, tiny_problems_have_the_same_bits)
{
    float lse[3];
    heed_attention_args a = parts_problem(isa, HEED_F32, HEED_F32, 1.0f);

    a.q_rows = a.kv_rows = 3;
    a.qk_dim = a.v_dim = 1;
    cr_assert_eq(heed_attention(&a), HEED_OK);
    memcpy(parts_other, parts_o, sizeof parts_o);
    a.lse.data = lse;
    cr_assert_eq(heed_attention(&a), HEED_OK);
    cr_expect_arr_eq(parts_o, parts_other, 3 * sizeof *parts_o, "%s", heed_isa_name(isa));
}
