/* SPDX-License-Identifier: MIT */
/* test_refusals_scores.c - views of scores that cannot be: refusals that take two wrong members. */
#include <string.h>

#include <criterion/criterion.h>

#include "samples.h"

static const float some_floats[64] = {0};

Test(refusals_scores, views_of_scores)
{
    const heed_score_view bits = {some_floats, HEED_BITS, 0, 0, 0, 0};
    const heed_score_view bytes = {some_floats, HEED_U8, 0, 0, 0, 1};
    const heed_score_view far = {some_floats, HEED_F32, 0, 0, PTRDIFF_MAX / 2, 1};
    heed_attention_args a = sample_of(operation_at(0), NULL).attention;
    char reason[160];

    cr_assert_str_eq(operation_at(0)->name, "attention");
    a.visible = bits;
    cr_expect_eq(heed_attention_check(&a, reason, sizeof reason), HEED_INVALID_ARGUMENT);
    cr_expect(strstr(reason, "visible.key_stride"), "%s", reason);
    a.visible = (heed_score_view){0};
    a.blocks = bytes;
    cr_expect_eq(heed_attention_check(&a, reason, sizeof reason), HEED_INVALID_ARGUMENT);
    cr_expect(strstr(reason, "block_rows"), "%s", reason);
    a.block_rows = 1;
    a.block_keys = 96;
    cr_expect_eq(heed_attention_check(&a, reason, sizeof reason), HEED_INVALID_ARGUMENT);
    cr_expect(strstr(reason, "block_keys"), "%s", reason);
    a.blocks = (heed_score_view){0};
    a.bias = far;
    cr_expect_eq(heed_attention_check(&a, reason, sizeof reason), HEED_INVALID_ARGUMENT);
    cr_expect(strstr(reason, "bias"), "%s", reason);
    a.bias = bytes;
    cr_expect_eq(heed_attention_check(&a, reason, sizeof reason), HEED_UNSUPPORTED_TYPE);
    cr_expect(strstr(reason, "bias.dtype"), "%s", reason);
}
