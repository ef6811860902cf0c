/* SPDX-License-Identifier: MIT */
/* scaled_problem.c - keys and values of 8 bits with scales, for tests that spoil them. */
#include "scaled_problem.h"

#include <criterion/criterion.h>

#include "random.h"

float scaled_q[SCALED_OUTPUT], scaled_o[SCALED_OUTPUT], scaled_lse[SCALED_HEADS * SCALED_ROWS];
float scaled_numbers[2][SCALED_INPUT], scaled_scales[2][SCALED_HEADS * SCALED_KEYS];
int8_t scaled_codes[2][SCALED_INPUT];

heed_status scaled_quantize(const heed_isa *isa, int which, heed_dtype type)
{
    const heed_quantize_args a = {HEED_SIZED(heed_quantize_args),
                                  .batch = 1,
                                  .heads = SCALED_HEADS,
                                  .rows = SCALED_KEYS,
                                  .dim = SCALED_DIM,
                                  .x = {.data = scaled_numbers[which]},
                                  .y = {.data = scaled_codes[which], .dtype = type},
                                  .scales = {.data = scaled_scales[which]},
                                  .isa = isa};

    return heed_quantize(&a);
}

heed_attention_args scaled_problem(const heed_isa *isa, heed_dtype type)
{
    struct random random = {5};

    for (size_t i = 0; i < SCALED_INPUT; i++)
        for (int which = 0; which < 2; which++)
            scaled_numbers[which][i] = random_float(&random, -1.0f, 1.0f);
    for (size_t i = 0; i < SCALED_OUTPUT; i++)
        scaled_q[i] = random_float(&random, -1.0f, 1.0f);
    for (int which = 0; which < 2; which++)
        cr_assert_eq(scaled_quantize(isa, which, type), HEED_OK);
    return (heed_attention_args){HEED_SIZED(heed_attention_args),
                                 .batch = 1,
                                 .q_heads = SCALED_HEADS,
                                 .kv_heads = SCALED_HEADS,
                                 .q_rows = SCALED_ROWS,
                                 .kv_rows = SCALED_KEYS,
                                 .qk_dim = SCALED_DIM,
                                 .v_dim = SCALED_DIM,
                                 .q = {.data = scaled_q},
                                 .k = {.data = scaled_codes[0], .dtype = type},
                                 .v = {.data = scaled_codes[1], .dtype = type},
                                 .o = {.data = scaled_o},
                                 .lse = {.data = scaled_lse},
                                 .isa = isa,
                                 .k_scales = {.data = scaled_scales[0]},
                                 .v_scales = {.data = scaled_scales[1]}};
}
