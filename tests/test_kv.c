/* SPDX-License-Identifier: MIT */
/* test_kv.c - attention over a KV cache has the bits of attention over views. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "half.h"
#include "isa_test.h"
#include "kv_problem.h"

static const heed_dtype types[] = {HEED_F32, HEED_F16, HEED_BF16};
static float want[KV_OUTPUT], got[KV_OUTPUT];
static _Alignas(64) unsigned char other[KV_MEMORY];

static void expect_bits_of_views(const heed_attention_args *a, const heed_isa *isa,
                                 const char *what)
{
    const heed_attention_args views = kv_attention_of_views(isa, want);

    memset(got, 0xff, sizeof got);
    cr_assert_eq(heed_attention(&views), HEED_OK);
    cr_assert_eq(heed_attention(a), HEED_OK, "%s", what);
    cr_expect_arr_eq(got, want, sizeof want, "%s on %s", what, heed_isa_name(isa));
}

ISA_TEST(kv, entries_have_lengths_of_their_own)
{
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        kv_draw(types[t]);

        const heed_kv *kv = kv_filled(types[t], isa);
        heed_attention_args a = kv_attention_of(kv, got);

        expect_bits_of_views(&a, isa, "the longest entry");
        a.kv_rows = KV_CAPACITY;
        expect_bits_of_views(&a, isa, "the capacity");
    }
}

/* The parts of a cache in a call that knows no caches. */
ISA_TEST(kv, parts_are_views)
{
    kv_draw(HEED_BF16);

    heed_kv_info info;
    heed_attention_args a = kv_attention_of_views(isa, got);

    heed_kv_view(kv_filled(HEED_BF16, isa), &info, sizeof info);
    cr_expect_eq(info.longest, KV_KEYS);
    cr_expect_eq(info.capacity, KV_CAPACITY);
    cr_expect_eq(info.isa, isa);
    cr_expect_eq(info.memory, kv_memory);
    a.k.data = NULL;
    a.packed_k = info.packed_k;
    a.packed_k_size = info.packed_k_size;
    a.v = info.v;
    a.kv_lengths = info.lengths;
    expect_bits_of_views(&a, isa, "parts");
}

/* A caller whose header knew less of it. */
ISA_TEST(kv, view_fills_what_is_asked_for)
{
    const size_t known = offsetof(heed_kv_info, longest);
    heed_kv_info info;

    kv_draw(HEED_F32);
    memset(&info, 0x5a, sizeof info);
    heed_kv_view(kv_filled(HEED_F32, isa), &info, known);
    cr_expect_eq(info.v_dim, KV_V_DIM);
    cr_expect_eq(((unsigned char *)&info)[known], 0x5a);
}

ISA_TEST(kv, dropped_rows_leave_no_trace)
{
    kv_draw(HEED_F16);

    heed_kv *kv = kv_filled(HEED_F16, isa);
    const heed_attention_args a = kv_attention_of(kv, got);

    for (size_t length = 0; length <= 76; length += 19) {
        const heed_kv_append_args wrong = kv_rows_of(kv, 2, 1, 5, 77 - length + 9);
        const heed_kv_append_args right = kv_rows_of(kv, 2, 1, length, 77 - length);

        cr_assert_eq(heed_kv_truncate(kv, 2, length), HEED_OK);
        cr_assert_eq(heed_kv_append(&wrong), HEED_OK);
        cr_assert_eq(heed_kv_truncate(kv, 2, length), HEED_OK);
        cr_assert_eq(heed_kv_append(&right), HEED_OK);
        expect_bits_of_views(&a, isa, "truncated");
    }
}

/* Keys past the length of an entry do not exist, and are shown so. */
ISA_TEST(kv, scores_end_with_the_entry)
{
    static float scores[KV_BATCH][KV_Q_HEADS][KV_ROWS][KV_CAPACITY];

    kv_draw(HEED_F32);
    heed_attention_args a = kv_attention_of(kv_filled(HEED_F32, isa), got);
    a.kv_rows = KV_CAPACITY;
    a.scores.data = scores;
    expect_bits_of_views(&a, isa, "with scores");
    for (size_t b = 0; b < KV_BATCH; b++) {
        cr_expect(isfinite(scores[b][0][0][kv_lengths[b] - 1]));
        for (size_t j = kv_lengths[b]; j < KV_CAPACITY; j++)
            cr_expect_eq(scores[b][KV_Q_HEADS - 1][KV_ROWS - 1][j], -INFINITY);
    }
}

ISA_TEST(kv, memory_may_move)
{
    kv_draw(HEED_BF16);
    (void)kv_filled(HEED_BF16, isa);

    memcpy(other, kv_memory, sizeof other);
    memset(kv_memory, 0xff, sizeof kv_memory);

    const heed_kv kv = kv_opened(other, sizeof other, 0, isa);
    const heed_attention_args a = kv_attention_of(&kv, got);
    expect_bits_of_views(&a, isa, "moved");
}

/* Numbers of one type in a cache of another: as if they had been rounded before. */
static void expect_rounded(heed_dtype from, heed_dtype to, const heed_isa *isa)
{
    static float wide[KV_KEYS * KV_V_DIM], narrow[KV_KEYS * KV_V_DIM];
    heed_kv_create_args create = kv_create_args(to, isa);
    heed_kv kv;

    create.batch = create.kv_heads = 1;
    create.qk_dim = create.v_dim = KV_V_DIM;
    for (size_t i = 0; i < KV_KEYS * KV_V_DIM; i++) {
        char *const x = (char *)wide + i * dtype_size(from);

        dtype_write(from, x, sin((double)i) * (double)(i % 7));
        dtype_write(to, (char *)narrow + i * dtype_size(to), dtype_read(from, x));
    }
    for (int rounded = 0; rounded < 2; rounded++) {
        const heed_input x = {.data = rounded ? narrow : wide, .dtype = rounded ? to : from};
        heed_kv_append_args rows = {HEED_SIZED(heed_kv_append_args), .rows = KV_KEYS, .k = x,
                                    .v = x};

        cr_assert_eq(heed_kv_create(&create, &kv), HEED_OK);
        rows.kv = &kv;
        fesetround(FE_UPWARD);
        cr_expect_eq(heed_kv_append(&rows), HEED_OK);
        fesetround(FE_TONEAREST);
        if (!rounded)
            memcpy(other, kv_memory, sizeof other);
    }
    cr_expect_arr_eq(other, kv_memory, sizeof other, "types %d to %d", (int)from, (int)to);
}

ISA_TEST(kv, numbers_are_rounded_once)
{
    for (size_t from = 0; from < 3; from++)
        for (size_t to = 0; to < 3; to++)
            expect_rounded(types[from], types[to], isa);
}

/* Rows without numbers are counted, however many heads they have. */
ISA_TEST(kv, zero_sizes)
{
    heed_kv_create_args create = kv_create_args(HEED_F32, isa);
    heed_kv kv;

    create.kv_heads = SIZE_MAX;
    create.qk_dim = create.v_dim = 0;
    cr_assert_eq(heed_kv_create(&create, &kv), HEED_OK);
    heed_kv_append_args rows = {HEED_SIZED(heed_kv_append_args), .kv = &kv, .rows = 7};
    cr_expect_eq(heed_kv_append(&rows), HEED_OK);
    cr_expect_eq(heed_kv_length(&kv, KV_BATCH - 1), 7);
    cr_expect_eq(heed_kv_length(&kv, KV_BATCH), 0);
    cr_expect_eq(heed_kv_truncate(&kv, 0, 1), HEED_OK);
    cr_expect_eq(heed_kv_length(&kv, 0), 1);

    create.batch = 0;
    cr_assert_eq(heed_kv_create(&create, &kv), HEED_OK);
    cr_expect_eq(heed_kv_append(&rows), HEED_OK);

    /* Nobody sees a key: zeros. */
    kv_draw(HEED_F32);
    create = kv_create_args(HEED_F32, isa);
    cr_assert_eq(heed_kv_create(&create, &kv), HEED_OK);
    const heed_attention_args a = kv_attention_of(&kv, got);
    memset(got, 0xff, sizeof got);
    cr_expect_eq(heed_attention(&a), HEED_OK);
    for (size_t i = 0; i < KV_OUTPUT; i++)
        cr_assert_eq(got[i], 0.0f);
}
