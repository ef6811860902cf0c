/* SPDX-License-Identifier: MIT */
/* test_scaled_exact.c - results of 8 bits, next to those of the straightforward computation. */
#include <math.h>

#include "half.h"
#include "isa_test.h"
#include "reference.h"
#include "scaled_problem.h"

static double naive_error(const heed_attention_args *a, const float *exact_k, const float *exact_v,
                          const struct bounded *want)
{
    const float scale = 1.0f / sqrtf((float)SCALED_DIM);
    double largest = 0;

    for (size_t row = 0; row < SCALED_HEADS * a->q_rows; row++) {
        const size_t h = row / a->q_rows;
        float s[SCALED_KEYS], top = -INFINITY, sum = 0.0f, result[SCALED_DIM] = {0};

        for (size_t j = 0; j < SCALED_KEYS; j++) {
            s[j] = 0.0f;
            for (size_t d = 0; d < SCALED_DIM; d++)
                s[j] += scaled_q[row * SCALED_DIM + d] *
                        exact_k[(h * SCALED_KEYS + j) * SCALED_DIM + d];
            s[j] *= scale;
            top = fmaxf(top, s[j]);
        }
        for (size_t j = 0; j < SCALED_KEYS; j++)
            sum += s[j] = expf(s[j] - top);
        for (size_t j = 0; j < SCALED_KEYS; j++)
            for (size_t d = 0; d < SCALED_DIM; d++)
                result[d] += s[j] / sum * exact_v[(h * SCALED_KEYS + j) * SCALED_DIM + d];
        for (size_t d = 0; d < SCALED_DIM; d++)
            largest = fmax(largest, fabs((double)result[d] - want[row * SCALED_DIM + d].value));
    }
    return largest;
}

static void widen(int which, heed_dtype type)
{
    for (size_t i = 0; i < SCALED_INPUT; i++)
        scaled_numbers[which][i] =
            (float)dtype_read(type, &scaled_codes[which][i]) * scaled_scales[which][i / SCALED_DIM];
}

/* Against the same in double, the error is at most twice that of the formula in f32 (Dao 2022). */
ISA_TEST(scaled_exact, no_less_exact_than_the_formula)
{
    static const heed_dtype types[] = {HEED_I8, HEED_F8};
    static struct bounded want_o[SCALED_OUTPUT], want_lse[SCALED_ROWS * SCALED_HEADS];

    for (size_t t = 0; t < 2; t++) {
        const heed_attention_args a = scaled_problem(isa, types[t]);
        double largest = 0;

        widen(0, types[t]);
        widen(1, types[t]);
        reference_attention(&a, want_o, want_lse, NULL);
        cr_assert_eq(heed_attention(&a), HEED_OK);
        for (size_t i = 0; i < SCALED_OUTPUT; i++)
            largest = fmax(largest, fabs((double)scaled_o[i] - want_o[i].value));
        cr_expect_leq(largest, 2 * naive_error(&a, scaled_numbers[0], scaled_numbers[1], want_o),
                      "%s", heed_isa_name(isa));
    }
}
