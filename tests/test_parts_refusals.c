/* SPDX-License-Identifier: MIT */
/* test_parts_refusals.c - what a matrix unit, or the operating system, does not give. */
#define _DEFAULT_SOURCE /* setenv */
#include <stdlib.h>
#include <string.h>

#include "isa_test.h"
#include "parts_problem.h"

/* Where the operating system does not give the tiles, f32 has the bits of the FMAs. */
Test(parts_refusals, refused_tiles_are_done_without)
{
    const heed_isa *amx = heed_isa_find("amx");
    int products[2];

    if (!heed_isa_emulated(amx))
        cr_skip_test("AMX is not emulated here");
    setenv("HEED_REFUSE_TILES", "1", 1);

    heed_attention_args a = parts_problem(amx, HEED_F32, HEED_F32, 1.0f);
    cr_assert_eq(heed_attention(&a), HEED_OK);
    parts_attend_plainly(a);
    cr_expect_arr_eq(parts_o, parts_other, sizeof parts_o);
    cr_expect_not(heed_isa_unit(amx, HEED_F32, HEED_F32, HEED_F32, HEED_PRECISION_FAST, products));
    cr_expect(products[0] == 0 && products[1] == 0);
}

/* To take numbers apart must be asked for: of few rows it costs more than it saves. */
ISA_TEST(parts_refusals, nothing_is_taken_apart_unasked)
{
    static const heed_dtype types[] = {HEED_F32, HEED_F16, HEED_BF16, HEED_I8};

    if (!heed_isa_bf16(isa))
        cr_skip_test("%s has no unit", heed_isa_name(isa));
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        heed_attention_args a = parts_problem(isa, HEED_F32, types[t], 1.0f);

        a.precision = HEED_PRECISION_DEFAULT;
        cr_expect_not(parts_taken(&a));
        cr_assert_eq(heed_attention(&a), HEED_OK);
        parts_attend_plainly(a);
        cr_expect_arr_eq(parts_o, parts_other, sizeof parts_o, "type %d on %s", (int)types[t],
                         heed_isa_name(isa));
    }
}

Test(parts_refusals, an_unknown_precision_is_refused)
{
    char reason[80];
    heed_attention_args a = parts_problem(NULL, HEED_F32, HEED_F32, 1.0f);

    for (int precision = -1; precision < 5; precision++) {
        const heed_status want = precision >= 0 && precision <= 2 ? HEED_OK : HEED_INVALID_ARGUMENT;

        a.precision = (heed_precision)precision;
        cr_expect_eq(heed_attention(&a), want, "%d", precision);
        cr_expect_eq(heed_attention_check(&a, reason, sizeof reason), want, "%d", precision);
        cr_expect(want == HEED_OK || strstr(reason, "precision"), "%s", reason);
    }
}

Test(parts_refusals, no_products_of_what_is_no_number)
{
    int products[2];

    for (size_t i = 0; heed_isa_at(i); i++) {
        cr_expect_not(heed_isa_unit(heed_isa_at(i), HEED_I8, HEED_I8, HEED_I8, HEED_PRECISION_SPLIT,
                                    products));
        cr_expect_not(heed_isa_unit(heed_isa_at(i), HEED_BF16, HEED_BITS, HEED_U8,
                                    HEED_PRECISION_SPLIT, products));
    }
}
