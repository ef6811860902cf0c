/* SPDX-License-Identifier: MIT */
/*
 * test_kv_image.c - equal rows make equal images, byte for byte, whoever appended them, in
 * whatever order, and whatever was in the memory before.
 */
#include <string.h>

#include "isa_test.h"
#include "kv_problem.h"
#include "panel_keys.h"

static const heed_dtype types[] = {HEED_F32, HEED_F16, HEED_BF16, HEED_I8, HEED_F8};
static _Alignas(64) unsigned char other[KV_MEMORY];
static size_t bytes;

/* An empty cache in `other`, which held something else. */
static heed_kv begin(heed_dtype type, const heed_isa *isa, int noise)
{
    heed_kv_create_args create = kv_create_args(type, isa);
    heed_kv kv;

    memset(other, noise, sizeof other);
    create.memory = other;
    cr_assert_eq(heed_kv_bytes(&create, &bytes), HEED_OK);
    create.memory_size = bytes;
    cr_assert_eq(heed_kv_create(&create, &kv), HEED_OK);
    return kv;
}

static void expect_equal(const char *how, heed_dtype type, const heed_isa *isa)
{
    for (size_t i = 0; i < bytes; i++)
        cr_assert_eq(kv_memory[i], other[i], "%s, type %d on %s: byte %zu of %zu", how, (int)type,
                     heed_isa_name(isa), i, bytes);
    cr_expect_eq(other[bytes], other[bytes + 1], "wrote past the image");
}

static void append(heed_kv *kv, size_t b, size_t first, size_t rows)
{
    const heed_kv_append_args a = kv_rows_of(kv, b, 1, first, rows);

    cr_assert_eq(heed_kv_append(&a), HEED_OK);
}

/* Entries by turns, the last one first, a few rows at a time. */
static void append_by_turns(heed_kv *kv, size_t step)
{
    for (size_t first = 0; first < KV_KEYS; first += step)
        for (size_t b = KV_BATCH; b-- > 0;) {
            const size_t left = kv_lengths[b] > first ? kv_lengths[b] - first : 0;

            append(kv, b, first, left < step ? left : step);
        }
}

/* Rows that do not stay, at every place of a panel. */
static void append_with_detours(heed_kv *kv)
{
    for (size_t b = 0; b < KV_BATCH; b++)
        for (size_t length = 0; length < kv_lengths[b];) {
            const size_t room = KV_CAPACITY - length, wrong = (length * 7 + 5) % 131;
            const size_t left = kv_lengths[b] - length, rows = left < 13 ? left : 13;

            append(kv, b, 3, wrong < room ? wrong : room);
            cr_assert_eq(heed_kv_truncate(kv, b, length), HEED_OK);
            append(kv, b, length, rows);
            length += rows;
        }
}

/* Bodies in the order in which no loop would run them. */
static void last_first(void *context, size_t count, void (*body)(void *argument, size_t i),
                       void *argument)
{
    (void)context;
    while (count-- > 0)
        body(argument, count);
}

static void append_in_parallel(heed_kv *kv)
{
    for (size_t b = 0; b < KV_BATCH; b++) {
        heed_kv_append_args a = kv_rows_of(kv, b, 1, 0, kv_lengths[b]);

        a.parallel = (heed_parallel){last_first, NULL, 3};
        cr_assert_eq(heed_kv_append(&a), HEED_OK);
    }
}

ISA_TEST(kv_image, depends_on_its_rows_alone)
{
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        heed_kv kv;

        kv_draw(t % 2 ? HEED_F32 : HEED_BF16);
        memset(kv_memory, 0x11, sizeof kv_memory);
        (void)kv_filled(types[t], isa);
        kv = begin(types[t], isa, 0xff);
        append_by_turns(&kv, 1);
        expect_equal("token by token", types[t], isa);
        kv = begin(types[t], isa, 0xa5);
        append_by_turns(&kv, 21);
        expect_equal("by turns", types[t], isa);
        kv = begin(types[t], isa, 0x7f);
        append_with_detours(&kv);
        expect_equal("with detours", types[t], isa);
        kv = begin(types[t], isa, 0x01);
        append_in_parallel(&kv);
        expect_equal("in parallel", types[t], isa);
    }
}

/* Instruction sets of as many keys in a panel fill the same bytes, by turns too. */
ISA_TEST(kv_image, does_not_depend_on_the_instruction_set)
{
    for (size_t i = 0; heed_isa_at(i); i++)
        for (size_t t = 0; t < sizeof types / sizeof *types; t++)
            if (heed_isa_supported(heed_isa_at(i)) &&
                panel_keys(heed_isa_at(i)) == panel_keys(isa)) {
                kv_draw(HEED_F32);
                (void)kv_filled(types[t], isa);

                heed_kv kv = begin(types[t], heed_isa_at(i), 0xff);
                for (size_t b = 0; b < KV_BATCH; b++) {
                    append(&kv, b, 0, kv_lengths[b] / 2);
                    kv = kv_opened(other, bytes, 0, b % 2 ? isa : heed_isa_at(i));
                    append(&kv, b, kv_lengths[b] / 2, kv_lengths[b] - kv_lengths[b] / 2);
                }
                expect_equal(heed_isa_name(heed_isa_at(i)), types[t], isa);
            }
}

/* Dropping everything leaves a new cache; and memory that was zero already is not touched. */
ISA_TEST(kv_image, rows_leave_zeros)
{
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        heed_kv_create_args create = kv_create_args(types[t], isa);
        heed_kv kv;

        kv_draw(HEED_F32);
        (void)begin(types[t], isa, 0xff);
        for (size_t keep = 0; keep < 2; keep++) {
            heed_kv *filled = kv_filled(types[t], isa);

            for (size_t b = 0; b < KV_BATCH; b++)
                for (size_t length = kv_lengths[b] * keep; length > 0; length -= (length + 2) / 3)
                    cr_assert_eq(heed_kv_truncate(filled, b, length), HEED_OK);
            for (size_t b = 0; b < KV_BATCH; b++)
                cr_assert_eq(heed_kv_truncate(filled, b, 0), HEED_OK);
            expect_equal("truncated", types[t], isa);
        }
        memset(kv_memory, 0, sizeof kv_memory);
        create.memory_is_zero = 1;
        cr_assert_eq(heed_kv_create(&create, &kv), HEED_OK);
        expect_equal("zero before", types[t], isa);
    }
}

/* Memory that was not zero after all: rows are right, whatever else there is. */
ISA_TEST(kv_image, zero_is_taken_at_its_word)
{
    static float want[KV_OUTPUT], got[KV_OUTPUT];

    kv_draw(HEED_F16);
    heed_kv_create_args create = kv_create_args(HEED_F16, isa);
    const heed_attention_args views = kv_attention_of_views(isa, want);
    heed_kv kv;
    memset(kv_memory, 0xff, sizeof kv_memory);
    create.memory_is_zero = 1;
    cr_assert_eq(heed_kv_create(&create, &kv), HEED_OK);
    cr_expect_eq(heed_kv_length(&kv, 0), 0);
    kv_fill(&kv);

    const heed_attention_args a = kv_attention_of(&kv, got);
    cr_assert_eq(heed_attention(&views), HEED_OK);
    cr_assert_eq(heed_attention(&a), HEED_OK);
    cr_expect_arr_eq(got, want, sizeof want);
}
