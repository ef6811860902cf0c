/* SPDX-License-Identifier: MIT */
/*
 * test_panels.c - instruction sets whose panels have as many keys pack the same bytes, and take
 * each other's, with the bits of their own; others are refused.
 */
#include <math.h>
#include <string.h>

#include "half.h"
#include "isa_test.h"
#include "panel_keys.h"
#include "random.h"

/* Two panels of the longest kind, the last one not full; dims of whole pairs, and of vectors. */
enum { HEADS = 2, GROUP = 2, KEYS = 90, DIM = 32, MOST_ROWS = 20 };
enum { NUMBERS = HEADS * KEYS * DIM, QUERIES = HEADS * GROUP * MOST_ROWS * DIM };
enum { MEMORY = 1 << 16 };

static const heed_dtype types[] = {HEED_F32, HEED_F16, HEED_BF16, HEED_I8, HEED_F8};
static float numbers[NUMBERS], scales[HEADS * KEYS], want[QUERIES], got[QUERIES];
static uint16_t q[QUERIES], v[NUMBERS];
static uint8_t codes[NUMBERS];
static _Alignas(64) unsigned char mine[MEMORY], foreign[MEMORY];

static void draw(void)
{
    struct random random = {7};

    for (size_t i = 0; i < NUMBERS; i++) {
        numbers[i] = random_float(&random, -1.0f, 1.0f);
        codes[i] = (uint8_t)random_below(&random, 0x7f);
        dtype_write(HEED_BF16, v + i, (double)random_float(&random, -1.0f, 1.0f));
    }
    for (size_t i = 0; i < QUERIES; i++)
        dtype_write(HEED_BF16, q + i, (double)random_float(&random, -1.0f, 1.0f));
    for (size_t i = 0; i < HEADS * KEYS; i++)
        scales[i] = random_float(&random, 0.0f, 0.1f);
}

static bool is_byte(heed_dtype type)
{
    return type == HEED_I8 || type == HEED_F8;
}

/* Rows of f32, rounded into the type; or codes.  In two calls, of which the second one appends. */
static size_t pack(const heed_isa *isa, heed_dtype type, unsigned char memory[MEMORY])
{
    enum { FIRST = 37 };
    const size_t size = is_byte(type) ? 1 : sizeof(float);
    const void *const rows = is_byte(type) ? (const void *)codes : numbers;
    heed_pack_k_args a = {HEED_SIZED(heed_pack_k_args),
                          .batch = 1,
                          .kv_heads = HEADS,
                          .qk_dim = DIM,
                          .capacity = KEYS,
                          .packed = memory,
                          .isa = isa,
                          .packed_dtype = type};

    cr_assert_eq(heed_pack_k_size(&a, &a.packed_size), HEED_OK);
    cr_assert_leq(a.packed_size, MEMORY);
    a.k = (heed_input){.data = rows,
                       .dtype = is_byte(type) ? type : HEED_F32,
                       .head_stride = KEYS * DIM,
                       .row_stride = DIM};
    memset(memory, 0, MEMORY);
    for (int i = 0; i < 2; i++) {
        a.first_row = i ? FIRST : 0;
        a.rows = i ? KEYS - FIRST : FIRST;
        a.k.data = (const char *)rows + a.first_row * DIM * size;
        cr_assert_eq(heed_pack_k(&a), HEED_OK);
    }
    return a.packed_size;
}

static heed_attention_args attention(const heed_isa *isa, heed_dtype type, const void *packed,
                                     float *o)
{
    heed_attention_args a = {HEED_SIZED(heed_attention_args),
                             .batch = 1,
                             .q_heads = HEADS * GROUP,
                             .kv_heads = HEADS,
                             .kv_rows = KEYS,
                             .qk_dim = DIM,
                             .v_dim = DIM,
                             .q = {.data = q, .dtype = HEED_BF16},
                             .v = {.data = v, .dtype = HEED_BF16},
                             .o.data = o,
                             .isa = isa,
                             .packed_k = packed,
                             .packed_k_size = MEMORY};

    if (is_byte(type))
        a.k_scales.data = scales;
    return a;
}

static void expect_taken(const heed_isa *isa, const heed_isa *other, heed_dtype type)
{
    const size_t size = pack(isa, type, mine);

    cr_assert_eq(pack(other, type, foreign), size);
    cr_expect_arr_eq(mine, foreign, size, "type %d by %s and %s", (int)type, heed_isa_name(isa),
                     heed_isa_name(other));
    for (size_t rows = 1; rows <= MOST_ROWS; rows += rows < 3 ? 1 : 17) {
        heed_attention_args own = attention(isa, type, mine, want);
        heed_attention_args taken = attention(isa, type, foreign, got);

        own.q_rows = taken.q_rows = rows;
        memset(want, 0xff, sizeof want);
        memset(got, 0xff, sizeof got);
        cr_assert_eq(heed_attention(&own), HEED_OK);
        cr_assert_eq(heed_attention(&taken), HEED_OK);
        cr_expect_arr_eq(got, want, sizeof want, "%zu rows, type %d of %s on %s", rows, (int)type,
                         heed_isa_name(other), heed_isa_name(isa));
    }
}

static void expect_refused(const heed_isa *isa, const heed_isa *other, heed_dtype type)
{
    char reason[160] = "";

    (void)pack(other, type, foreign);
    memset(got, 0xff, sizeof got);

    heed_attention_args a = attention(isa, type, foreign, got);
    a.q_rows = 1;
    cr_expect_eq(heed_attention_check(&a, reason, sizeof reason), HEED_INVALID_ARGUMENT);
    cr_expect(strstr(reason, "packed_k") && strstr(reason, heed_isa_name(isa)), "\"%s\"", reason);
    cr_expect_eq(heed_attention(&a), HEED_INVALID_ARGUMENT);
    cr_expect_neq(got[0], got[0]);
}

ISA_TEST(panels, of_as_many_keys_are_taken)
{
    draw();
    cr_assert_neq(panel_keys(isa), 0, "the header does not know %s", heed_isa_name(isa));
    for (size_t i = 0; heed_isa_at(i); i++)
        for (size_t t = 0; t < sizeof types / sizeof *types && heed_isa_supported(heed_isa_at(i));
             t++)
            if (panel_keys(heed_isa_at(i)) == panel_keys(isa))
                expect_taken(isa, heed_isa_at(i), types[t]);
            else
                expect_refused(isa, heed_isa_at(i), types[t]);
}

/* Rounding is the same everywhere, NaN and the ends of the range included. */
ISA_TEST(panels, hold_special_numbers_alike)
{
    static const float odd[] = {NAN,      -NAN,    INFINITY, -INFINITY, 1e-45f,     65519.0f,
                                65520.0f, 3.4e38f, 0x1p-25f, -0.0f,     0x1.004p0f, 0x1.00cp0f};

    draw();
    for (size_t i = 0; i < NUMBERS; i += 5)
        numbers[i] = odd[i / 5 % (sizeof odd / sizeof *odd)];
    for (size_t i = 0; heed_isa_at(i); i++)
        for (size_t t = 0; t < sizeof types / sizeof *types; t++)
            if (heed_isa_supported(heed_isa_at(i)) &&
                panel_keys(heed_isa_at(i)) == panel_keys(isa)) {
                const size_t size = pack(isa, types[t], mine);

                (void)pack(heed_isa_at(i), types[t], foreign);
                cr_expect_arr_eq(mine, foreign, size, "type %d by %s and %s", (int)types[t],
                                 heed_isa_name(isa), heed_isa_name(heed_isa_at(i)));
            }
}
