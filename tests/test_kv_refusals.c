/* SPDX-License-Identifier: MIT */
/* test_kv_refusals.c - caches that are full, of other sizes, or none: refused, nothing lost. */
#include <string.h>

#include "isa_test.h"
#include "kv_problem.h"
#include "panel_keys.h"

static unsigned char before[KV_MEMORY];
static float o[KV_OUTPUT];

static void expect_not_created(heed_kv_create_args a, heed_status status, const char *named)
{
    char reason[160] = "";
    heed_kv kv;
    heed_kv_info info;

    memset(&kv, 0xff, sizeof kv);
    memset(kv_memory, 0xff, sizeof kv_memory);
    cr_expect_eq(heed_kv_create_check(&a, reason, sizeof reason), status, "%s", named);
    cr_expect(strstr(reason, named), "%s: \"%s\"", named, reason);
    cr_expect_eq(heed_kv_create(&a, &kv), status, "%s", named);
    heed_kv_view(&kv, &info, sizeof info);
    cr_expect_null(info.memory, "%s", named);
    cr_expect_eq(heed_kv_length(&kv, 0), 0);
    cr_expect(kv_memory[0] == 0xff && !memcmp(kv_memory, kv_memory + 1, sizeof kv_memory - 1));
}

ISA_TEST(kv_refusals, create)
{
    heed_kv_create_args a = kv_create_args(HEED_BF16, isa);
    size_t bytes = 0;
    heed_kv kv;

    a.memory = NULL;
    cr_assert_eq(heed_kv_bytes(&a, &bytes), HEED_OK);
    cr_expect_eq(bytes % 64, 0);
    cr_expect_eq(heed_kv_bytes(&a, NULL), HEED_INVALID_ARGUMENT);
    expect_not_created(a, HEED_INVALID_ARGUMENT, "memory");
    a.memory = kv_memory;
    a.memory_size = bytes;
    cr_expect_eq(heed_kv_create(&a, &kv), HEED_OK);
    a.memory_size = bytes - 1;
    expect_not_created(a, HEED_WORKSPACE_TOO_SMALL, "memory_size");
    a = kv_create_args(HEED_BF16, isa);
    a.memory = kv_memory + 32;
    expect_not_created(a, HEED_INVALID_ARGUMENT, "memory");
    a = kv_create_args(HEED_BF16, isa);
    a.k_dtype = HEED_U8;
    expect_not_created(a, HEED_UNSUPPORTED_TYPE, "k_dtype");
    cr_expect_eq(heed_kv_bytes(&a, &bytes), HEED_UNSUPPORTED_TYPE);
    a = kv_create_args(HEED_BF16, isa);
    a.v_dtype = (heed_dtype)99;
    expect_not_created(a, HEED_UNSUPPORTED_TYPE, "v_dtype");
    a = kv_create_args(HEED_BF16, isa);
    a.capacity = SIZE_MAX / 8;
    expect_not_created(a, HEED_INVALID_ARGUMENT, "capacity");
    a = kv_create_args(HEED_BF16, isa);
    a.isa = (const heed_isa *)(const void *)before;
    expect_not_created(a, HEED_UNSUPPORTED_ISA, "isa");
    a = kv_create_args(HEED_BF16, isa);
    a.struct_size = 8;
    expect_not_created(a, HEED_INVALID_ARGUMENT, "struct_size");
    cr_expect_eq(heed_kv_create(NULL, &kv), HEED_INVALID_ARGUMENT);
    cr_expect_eq(heed_kv_create(&a, NULL), HEED_INVALID_ARGUMENT);
}

static void expect_not_appended(heed_kv_append_args a, heed_status status, const char *named)
{
    char reason[160] = "";

    memcpy(before, kv_memory, sizeof before);
    cr_expect_eq(heed_kv_append_check(&a, reason, sizeof reason), status, "%s", named);
    cr_expect(strstr(reason, named), "%s: \"%s\"", named, reason);
    cr_expect_eq(heed_kv_append(&a), status, "%s", named);
    cr_expect_arr_eq(kv_memory, before, sizeof before, "%s: wrote", named);
}

ISA_TEST(kv_refusals, append)
{
    kv_draw(HEED_F16);

    heed_kv *kv = kv_filled(HEED_F16, isa);
    heed_kv_append_args a = kv_rows_of(kv, 0, 0, 0, KV_CAPACITY - KV_KEYS + 1);

    expect_not_appended(a, HEED_CACHE_FULL, "rows"); /* entries 1 and 2 have room, entry 0 not */
    a.rows = SIZE_MAX;
    expect_not_appended(a, HEED_CACHE_FULL, "rows");
    a = kv_rows_of(kv, 1, KV_BATCH, 0, 1);
    expect_not_appended(a, HEED_INVALID_ARGUMENT, "first_batch");
    a = kv_rows_of(kv, KV_BATCH + 1, 0, 0, 1);
    expect_not_appended(a, HEED_INVALID_ARGUMENT, "first_batch");
    a = kv_rows_of(kv, 0, 0, 0, 1);
    a.k.data = NULL;
    expect_not_appended(a, HEED_INVALID_ARGUMENT, "k.data");
    a = kv_rows_of(kv, 0, 0, 0, 1);
    a.v.dtype = HEED_BITS;
    expect_not_appended(a, HEED_UNSUPPORTED_TYPE, "v.dtype");
    a = kv_rows_of(kv, 0, 0, 0, 1);
    a.k.data = kv_memory + 4096;
    expect_not_appended(a, HEED_INVALID_ARGUMENT, "k");
    a = kv_rows_of(NULL, 0, 0, 0, 1);
    expect_not_appended(a, HEED_INVALID_ARGUMENT, "kv");
    a = kv_rows_of(kv, 0, 0, 0, 1);
    a.struct_size = 16;
    expect_not_appended(a, HEED_INVALID_ARGUMENT, "struct_size");
    heed_kv none = {.memory = kv_memory};
    expect_not_appended(kv_rows_of(&none, 0, 0, 0, 1), HEED_INVALID_ARGUMENT, "kv");
}

static void expect_not_truncated(heed_kv *kv, size_t batch, size_t length, const char *named)
{
    char reason[160] = "";

    memcpy(before, kv_memory, sizeof before);
    cr_expect_eq(heed_kv_truncate_check(kv, batch, length, reason, sizeof reason),
                 HEED_INVALID_ARGUMENT);
    cr_expect(strstr(reason, named), "%s: \"%s\"", named, reason);
    cr_expect_eq(heed_kv_truncate(kv, batch, length), HEED_INVALID_ARGUMENT, "%s", named);
    cr_expect_arr_eq(kv_memory, before, sizeof before, "%s: wrote", named);
}

ISA_TEST(kv_refusals, truncate)
{
    heed_kv none = {.memory = kv_memory};
    char reason[160];

    kv_draw(HEED_F16);
    heed_kv *kv = kv_filled(HEED_F16, isa);
    expect_not_truncated(kv, 2, 78, "length");
    expect_not_truncated(kv, KV_BATCH, 0, "batch");
    expect_not_truncated(NULL, 0, 0, "kv");
    expect_not_truncated(&none, 0, 0, "kv");
    cr_expect_eq(heed_kv_length(kv, 2), 77);
    cr_expect_eq(heed_kv_truncate_check(kv, 2, 77, reason, sizeof reason), HEED_OK);
    cr_expect_str_empty(reason);
}

static void expect_not_attended(heed_attention_args a, const char *named)
{
    char reason[160] = "";

    memset(o, 0xff, sizeof o);
    cr_expect_eq(heed_attention_check(&a, reason, sizeof reason), HEED_INVALID_ARGUMENT, "%s",
                 named);
    cr_expect(strstr(reason, named) && strstr(reason, "kv"), "%s: \"%s\"", named, reason);
    cr_expect_eq(heed_attention(&a), HEED_INVALID_ARGUMENT, "%s", named);
    for (size_t i = 0; i < KV_OUTPUT; i++)
        cr_assert(o[i] != o[i], "%s: wrote", named);
}

#define REFUSED(member, value)                                                                     \
    do {                                                                                           \
        heed_attention_args changed = right;                                                       \
        changed.member = value;                                                                    \
        expect_not_attended(changed, #member);                                                     \
    } while (0)

ISA_TEST(kv_refusals, attention)
{
    static const int32_t numbers[KV_BATCH + 1];

    kv_draw(HEED_F32);
    heed_kv *kv = kv_filled(HEED_F32, isa);
    const heed_attention_args right = kv_attention_of(kv, o);

    REFUSED(batch, KV_BATCH - 1);
    REFUSED(kv_heads, 1);
    REFUSED(qk_dim, KV_QK_DIM + 1);
    REFUSED(v_dim, KV_V_DIM - 1);
    REFUSED(kv_rows, KV_KEYS - 1);
    REFUSED(kv_rows, KV_CAPACITY + 1);
    REFUSED(k.data, o);
    REFUSED(v.data, o);
    REFUSED(packed_k, kv_memory);
    REFUSED(kv_lengths, kv_lengths);
    REFUSED(kv_offsets, numbers);
    REFUSED(page_table, numbers);
    for (size_t i = 0; heed_isa_at(i); i++)
        if (heed_isa_supported(heed_isa_at(i)) && panel_keys(heed_isa_at(i)) != panel_keys(isa))
            REFUSED(isa, heed_isa_at(i));
    heed_attention_args onto = right;
    onto.o.data = kv_memory + 1024;
    expect_not_attended(onto, "o overlaps kv");
    onto = right;
    onto.lse.data = kv_memory; /* the header is part of it */
    expect_not_attended(onto, "lse overlaps kv");
    *kv = (heed_kv){.memory = kv_memory};
    expect_not_attended(right, "kv");
}
