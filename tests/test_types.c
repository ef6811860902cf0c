/* SPDX-License-Identifier: MIT */
/*
 * test_types.c - f16 and bf16 have the bits of f32 rounded once: of widened inputs, and
 * before the result is narrowed.
 */
#include <string.h>

#include "half.h"
#include "isa_test.h"
#include "random.h"
#include "typed.h"

enum { PACKED = 1 << 17 };

static float expected[TYPED_PART];
static _Alignas(64) unsigned char packed[2][PACKED];

static void draw_numbers(heed_dtype type)
{
    struct random random = {3};

    for (size_t i = 0; i < TYPED_COUNT; i++) {
        dtype_write(type, &typed_halves[i], (double)random_float(&random, -0.25f, 1.0f));
        typed_wide[i] = (float)dtype_read(type, &typed_halves[i]);
    }
}

static void run_as(const struct typed_call *call, heed_dtype from, heed_dtype to,
                   const heed_isa *isa)
{
    typed_in = from;
    typed_out = to;
    memset(typed_result, 0xff, sizeof typed_result);
    cr_assert_eq(call->run(isa), HEED_OK, "%s", call->name);
}

static void expect_rounded(const struct typed_call *call, heed_dtype from, heed_dtype to,
                           const heed_isa *isa)
{
    const size_t size = dtype_size(to);

    run_as(call, from, to, isa);
    for (size_t n = 0; n < call->count; n++) {
        unsigned char want[sizeof(float)];

        dtype_write(to, want, (double)expected[n]);
        cr_assert(!memcmp(typed_result + n * size, want, size),
                  "%s on %s, types %d to %d: %zu is %g", call->name, heed_isa_name(isa), (int)from,
                  (int)to, n, dtype_read(to, typed_result + n * size));
    }
}

ISA_TEST(types, results_are_those_of_f32_rounded_once)
{
    static const heed_dtype types[] = {HEED_F16, HEED_BF16};

    for (size_t t = 0; t < 2; t++) {
        draw_numbers(types[t]);
        for (size_t i = 0; typed_call_at(i); i++) {
            const struct typed_call *call = typed_call_at(i);

            run_as(call, HEED_F32, HEED_F32, isa);
            memcpy(expected, typed_result, sizeof expected);
            expect_rounded(call, types[t], HEED_F32, isa);
            expect_rounded(call, HEED_F32, types[t], isa);
            expect_rounded(call, types[t], types[t], isa);
            expect_rounded(call, types[t], types[1 - t], isa);
        }
    }
}

/* Keys in two calls, the second of which begins within a panel. */
static void pack_into(unsigned char *memory, heed_dtype type, const heed_isa *isa)
{
    heed_pack_k_args a = {
        HEED_SIZED(heed_pack_k_args), .batch = 1, .kv_heads = 1,       .qk_dim = TYPED_DIM,
        .capacity = TYPED_KEYS,       .rows = 9,  .k = typed_input(0), .packed = memory,
        .packed_size = PACKED,        .isa = isa, .packed_dtype = type};

    memset(memory, 0, PACKED);
    cr_assert_eq(heed_pack_k(&a), HEED_OK);
    a.first_row = 9;
    a.rows = TYPED_KEYS - 9;
    a.k.data = (const char *)a.k.data + 9 * TYPED_DIM * dtype_size(typed_in);
    cr_assert_eq(heed_pack_k(&a), HEED_OK);
}

ISA_TEST(types, keys_are_widened_when_packed)
{
    static const heed_dtype types[] = {HEED_F16, HEED_BF16};

    for (size_t t = 0; t < 2; t++) {
        draw_numbers(types[t]);
        typed_in = HEED_F32;
        pack_into(packed[0], HEED_F32, isa);
        typed_in = types[t];
        pack_into(packed[1], HEED_F32, isa);
        cr_expect_arr_eq(packed[0], packed[1], PACKED, "%s", heed_isa_name(isa));
    }
}

/* Numbers of f32 and of one 16-bit type, into panels of the other: as if rounded before. */
static void expect_rounded_keys(heed_dtype from, heed_dtype to, const heed_isa *isa)
{
    static uint16_t rounded[TYPED_PART];

    typed_in = from;
    pack_into(packed[0], to, isa);
    for (size_t i = 0; i < TYPED_PART; i++)
        dtype_write(to, &rounded[i], (double)typed_wide[i]);
    memcpy(typed_halves, rounded, sizeof rounded);
    typed_in = to;
    pack_into(packed[1], to, isa);
    cr_expect_arr_eq(packed[0], packed[1], PACKED, "%s, types %d to %d", heed_isa_name(isa),
                     (int)from, (int)to);
}

ISA_TEST(types, keys_are_rounded_once_when_packed)
{
    static const heed_dtype types[] = {HEED_F16, HEED_BF16};

    for (size_t t = 0; t < 2; t++) {
        draw_numbers(types[t]);
        expect_rounded_keys(types[t], types[1 - t], isa);
        draw_numbers(types[t]);
        for (size_t i = 0; i < TYPED_PART; i++)
            typed_wide[i] *= 1.001f; /* past what the type holds */
        expect_rounded_keys(HEED_F32, types[t], isa);
    }
}

/* In place a row of another type would be overwritten before it is read. */
Test(types, in_place_takes_equal_types)
{
    heed_rows_args rows = typed_rows(NULL);
    heed_rope_args rope = typed_rope(NULL);
    char reason[160] = "";

    rows.x.data = rope.x.data = typed_result;
    rows.x.dtype = rope.x.dtype = rows.y.dtype = rope.y.dtype = HEED_BF16;
    cr_expect_eq(heed_rows_check(&rows, reason, sizeof reason), HEED_OK, "%s", reason);
    cr_expect_eq(heed_rope_check(&rope, reason, sizeof reason), HEED_OK, "%s", reason);
    rows.x.dtype = rope.x.dtype = HEED_F16;
    cr_expect_eq(heed_rows_check(&rows, reason, sizeof reason), HEED_INVALID_ARGUMENT);
    cr_expect(strstr(reason, "y overlaps x"), "%s", reason);
    cr_expect_eq(heed_rope_check(&rope, reason, sizeof reason), HEED_INVALID_ARGUMENT);
    cr_expect(strstr(reason, "y overlaps x"), "%s", reason);
}
