/* SPDX-License-Identifier: MIT */
/* test_scaled_refusals.c - what is refused of keys and values of 8 bits, and of their scales. */
#include <string.h>

#include <criterion/criterion.h>

#include "scaled_problem.h"

static void expect_refused(const heed_attention_args *a, heed_status status, const char *named)
{
    char reason[160] = "";

    cr_expect_eq(heed_attention_check(a, reason, sizeof reason), status, "%s", reason);
    cr_expect(strstr(reason, named), "\"%s\" does not name %s", reason, named);
    cr_expect_eq(heed_attention(a), status);
}

Test(scaled_refusals, refusals)
{
    const heed_attention_args right = scaled_problem(NULL, HEED_I8);
    heed_attention_args a = right;

    a.k_scales.data = NULL;
    expect_refused(&a, HEED_INVALID_ARGUMENT, "k_scales");
    a = right, a.v_scales.data = NULL;
    expect_refused(&a, HEED_INVALID_ARGUMENT, "v_scales");
    a = right, a.k_scales.dtype = HEED_F16;
    expect_refused(&a, HEED_UNSUPPORTED_TYPE, "k_scales");
    a = right, a.v_scales.data = (const char *)a.v_scales.data + 2;
    expect_refused(&a, HEED_INVALID_ARGUMENT, "v_scales");
    a = right, a.v_scales.row_stride = PTRDIFF_MAX;
    expect_refused(&a, HEED_INVALID_ARGUMENT, "v_scales");
    a = right, a.o.data = scaled_scales[0];
    expect_refused(&a, HEED_INVALID_ARGUMENT, "k_scales");
    a = right, a.k = (heed_input){.data = scaled_numbers[0]};
    expect_refused(&a, HEED_INVALID_ARGUMENT, "k_scales");
    a = right, a.q.dtype = HEED_I8;
    expect_refused(&a, HEED_UNSUPPORTED_TYPE, "q.dtype");
    a = right, a.o.dtype = HEED_F8;
    expect_refused(&a, HEED_UNSUPPORTED_TYPE, "o.dtype");
    a = right, a.kv_rows = 0, a.k_scales.data = a.v_scales.data = NULL;
    cr_expect_eq(heed_attention(&a), HEED_OK);
}

/* The small way takes none of this. */
Test(scaled_refusals, tiny_f32_with_scales_is_refused)
{
    heed_attention_args a = scaled_problem(NULL, HEED_I8);

    a.q_heads = a.kv_heads = 1;
    a.q_rows = a.kv_rows = 1;
    a.qk_dim = a.v_dim = 1;
    a.lse.data = NULL;
    a.k = a.v = (heed_input){.data = scaled_numbers[0]};
    a.k_scales.data = NULL;
    expect_refused(&a, HEED_INVALID_ARGUMENT, "v_scales");
}

Test(scaled_refusals, eight_bits_are_for_attention_alone)
{
    const heed_pack_k_args pack = {HEED_SIZED(heed_pack_k_args),
                                   .batch = 1,
                                   .kv_heads = 1,
                                   .qk_dim = SCALED_DIM,
                                   .capacity = 4,
                                   .rows = 4,
                                   .k = {.data = scaled_codes, .dtype = HEED_I8},
                                   .packed = scaled_o,
                                   .packed_size = sizeof scaled_o};
    const heed_scores_args s = {HEED_SIZED(heed_scores_args),
                                .batch = 1,
                                .q_heads = 1,
                                .kv_heads = 1,
                                .q_rows = 1,
                                .kv_rows = 1,
                                .qk_dim = SCALED_DIM,
                                .q = {.data = scaled_q},
                                .k = {.data = scaled_codes, .dtype = HEED_F8},
                                .s = {.data = scaled_o}};

    cr_expect_eq(heed_pack_k(&pack), HEED_UNSUPPORTED_TYPE);
    cr_expect_eq(heed_scores(&s), HEED_UNSUPPORTED_TYPE);
}
