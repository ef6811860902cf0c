/* SPDX-License-Identifier: MIT */
/* test_packed.c - packed keys: what does not fit them is refused, nothing written. */
#include <string.h>

#include "isa_test.h"
#include "panel_keys.h"
#include "random.h"

enum { BATCH = 2, Q_HEADS = 4, KV_HEADS = 2, ROWS = 3, KEYS = 100, QK_DIM = 9, V_DIM = 8 };
enum { MEMORY = 32768, NUMBERS = BATCH * KV_HEADS * KEYS * QK_DIM, OUTPUTS = 512 };

static float numbers[NUMBERS], o[OUTPUTS];
static _Alignas(64) unsigned char memory[MEMORY], before[MEMORY];

static heed_pack_k_args packing(const heed_isa *isa)
{
    struct random random = {5};

    for (size_t i = 0; i < NUMBERS; i++)
        numbers[i] = random_float(&random, -1.0f, 1.0f);
    return (heed_pack_k_args){
        HEED_SIZED(heed_pack_k_args),
        .batch = BATCH,
        .kv_heads = KV_HEADS,
        .qk_dim = QK_DIM,
        .capacity = KEYS,
        .rows = KEYS,
        .k.data = numbers,
        .packed = memory,
        .packed_size = sizeof memory,
        .isa = isa,
    };
}

static heed_attention_args attention(const heed_isa *isa)
{
    return (heed_attention_args){
        HEED_SIZED(heed_attention_args),
        .batch = BATCH,
        .q_heads = Q_HEADS,
        .kv_heads = KV_HEADS,
        .q_rows = ROWS,
        .kv_rows = KEYS,
        .qk_dim = QK_DIM,
        .v_dim = V_DIM,
        .q.data = numbers,
        .v.data = numbers,
        .o.data = o,
        .isa = isa,
        .packed_k = memory,
        .packed_k_size = sizeof memory,
    };
}

static void expect_refused(const heed_attention_args *a, const char *what)
{
    char reason[160] = "";

    memset(o, 0xff, sizeof o);
    cr_expect_eq(heed_attention(a), HEED_INVALID_ARGUMENT, "%s", what);
    cr_expect_eq(heed_attention_check(a, reason, sizeof reason), HEED_INVALID_ARGUMENT, "%s", what);
    cr_expect(strstr(reason, "packed_k"), "%s: \"%s\"", what, reason);
    for (size_t i = 0; i < OUTPUTS; i++)
        cr_assert(o[i] != o[i], "%s: wrote", what);
}

ISA_TEST(packed, of_other_sizes_are_refused)
{
    const heed_pack_k_args p = packing(isa);
    heed_attention_args a = attention(isa);

    memset(memory, 0xa5, sizeof memory);
    cr_assert_eq(heed_pack_k(&p), HEED_OK);
    for (size_t i = 64; i < 128; i++)
        cr_expect_eq(memory[i], 0, "the rest of the header");
    cr_assert_eq(heed_attention(&a), HEED_OK);
    a.qk_dim = QK_DIM - 1;
    expect_refused(&a, "fewer dimensions");
    a = attention(isa);
    a.batch = 1;
    expect_refused(&a, "a smaller batch");
    a = attention(isa);
    a.kv_heads = 1;
    expect_refused(&a, "fewer heads");
    a = attention(isa);
    a.kv_rows = KEYS + 1;
    expect_refused(&a, "more rows than were packed");
    a = attention(isa);
    a.packed_k_size = 300;
    expect_refused(&a, "cut short");
    a.packed_k_size = 0;
    expect_refused(&a, "without a size");
    a = attention(isa);
    a.packed_k = memory + 2;
    expect_refused(&a, "misaligned");
}

ISA_TEST(packed, by_others_are_refused)
{
    const heed_pack_k_args p = packing(isa);
    const heed_attention_args a = attention(isa);
    size_t i = 0;

    memset(memory, 0, sizeof memory);
    expect_refused(&a, "zeros");
    memset(memory, 0xa5, sizeof memory);
    expect_refused(&a, "noise");
    while (heed_isa_at(i) &&
           (panel_keys(heed_isa_at(i)) == panel_keys(isa) || !heed_isa_supported(heed_isa_at(i))))
        i++;
    if (heed_isa_at(i)) {
        const heed_attention_args other = attention(heed_isa_at(i));

        cr_assert_eq(heed_pack_k(&p), HEED_OK);
        expect_refused(&other, "panels of another instruction set");
    }
}

static void expect_not_packed(const heed_pack_k_args *p, heed_status status, const char *named)
{
    char reason[160] = "";

    memcpy(before, memory, sizeof memory);
    cr_expect_eq(heed_pack_k(p), status, "%s", named);
    cr_expect_eq(heed_pack_k_check(p, reason, sizeof reason), status, "%s", named);
    cr_expect(strstr(reason, named), "%s: \"%s\"", named, reason);
    cr_expect_arr_eq(memory, before, sizeof memory, "%s: wrote", named);
}

ISA_TEST(packed, packing_that_does_not_fit_is_refused)
{
    heed_pack_k_args p = packing(isa);
    size_t bytes = 0;

    cr_assert_eq(heed_pack_k_size(&p, &bytes), HEED_OK);
    p.packed_size = bytes - 1;
    expect_not_packed(&p, HEED_WORKSPACE_TOO_SMALL, "packed_size");
    p = packing(isa);
    p.rows = KEYS + 1;
    expect_not_packed(&p, HEED_INVALID_ARGUMENT, "capacity");
    p = packing(isa);
    p.capacity = SIZE_MAX;
    expect_not_packed(&p, HEED_INVALID_ARGUMENT, "capacity");
    cr_expect_eq(heed_pack_k_size(&p, &bytes), HEED_INVALID_ARGUMENT);
    p = packing(isa);
    p.packed_dtype = HEED_U8;
    expect_not_packed(&p, HEED_UNSUPPORTED_TYPE, "packed_dtype");
    cr_expect_eq(heed_pack_k_size(&p, &bytes), HEED_UNSUPPORTED_TYPE);
    p = packing(isa);
    p.packed = NULL;
    expect_not_packed(&p, HEED_INVALID_ARGUMENT, "packed");
    p = packing(isa);
    p.packed = numbers;
    expect_not_packed(&p, HEED_INVALID_ARGUMENT, "packed");
    p = packing(isa);
    p.k.data = NULL;
    expect_not_packed(&p, HEED_INVALID_ARGUMENT, "k");
}

/* Appending needs something to append to, of the same sizes and without a hole. */
ISA_TEST(packed, appending_to_what_is_not_there_is_refused)
{
    heed_pack_k_args p = packing(isa);

    memset(memory, 0, sizeof memory);
    p.first_row = 10;
    p.rows = 1;
    expect_not_packed(&p, HEED_INVALID_ARGUMENT, "packed");
    p = packing(isa);
    p.rows = 10;
    cr_assert_eq(heed_pack_k(&p), HEED_OK);
    p.first_row = 11;
    p.rows = 1;
    expect_not_packed(&p, HEED_INVALID_ARGUMENT, "first_row");
    p.first_row = 10;
    cr_expect_eq(heed_pack_k(&p), HEED_OK);
    p.first_row = KEYS;
    expect_not_packed(&p, HEED_INVALID_ARGUMENT, "first_row");
    p.first_row = 10;
    p.capacity = KEYS - 1;
    expect_not_packed(&p, HEED_INVALID_ARGUMENT, "capacity");
    p.capacity = KEYS;
    memory[8]++; /* the version in the header */
    expect_not_packed(&p, HEED_INVALID_ARGUMENT, "version");
    memory[8]--;
    cr_expect_eq(heed_pack_k(&p), HEED_OK);
}

/* The type of what was packed is that of every call, and halves the bytes. */
ISA_TEST(packed, panels_of_another_type_are_refused)
{
    heed_pack_k_args p = packing(isa);
    size_t bytes[2] = {0, 0};

    cr_assert_eq(heed_pack_k_size(&p, &bytes[0]), HEED_OK);
    p.packed_dtype = HEED_BF16;
    cr_assert_eq(heed_pack_k_size(&p, &bytes[1]), HEED_OK);
    cr_expect_eq(bytes[0] - 128, 2 * (bytes[1] - 128));
    p.packed_size = bytes[1];
    p.rows = 10;
    cr_assert_eq(heed_pack_k(&p), HEED_OK);
    p.first_row = 10;
    p.packed_dtype = HEED_F16;
    expect_not_packed(&p, HEED_INVALID_ARGUMENT, "packed_dtype");
    p.packed_dtype = HEED_BF16;
    cr_expect_eq(heed_pack_k(&p), HEED_OK);
    memory[12] = 77; /* the type in the header */
    p.packed_dtype = (heed_dtype)77;
    expect_not_packed(&p, HEED_UNSUPPORTED_TYPE, "packed_dtype");
    p.packed_dtype = HEED_F32;
    p.packed_size = sizeof memory;
    expect_not_packed(&p, HEED_INVALID_ARGUMENT, "packed");
}
