/* SPDX-License-Identifier: MIT */
/*
 * test_empty_caches.c - keys that are packed, or in a cache, with sizes of 0: attention over them
 * leaves the bits that views leave.
 */
#include <string.h>

#include "isa_test.h"
#include "samples.h"

enum { SIZES = 5, ROWS = 5, KEYS = 9, QK_DIM = 7, V_DIM = 6, HALF = SAMPLE_OUTPUT / 2 };

static _Alignas(64) unsigned char memory[1 << 16];

/* Sizes whose bits are set are 0, the numbers of heads together. */
static heed_attention_args problem(const heed_isa *isa, unsigned zero)
{
    heed_attention_args a = sample_of(operation_at(0), isa).attention;
    size_t *const size[SIZES] = {&a.batch, &a.q_heads, &a.kv_rows, &a.qk_dim, &a.v_dim};

    a.q_rows = ROWS;
    a.kv_rows = KEYS;
    a.qk_dim = QK_DIM;
    a.v_dim = V_DIM;
    a.mask = HEED_MASK_NONE;
    a.lse.data = sample_output + HALF;
    for (size_t i = 0; i < SIZES; i++)
        if (zero >> i & 1)
            *size[i] = 0;
    if (!a.q_heads)
        a.kv_heads = 0;
    return a;
}

static void expect_same(const heed_attention_args *natural, const heed_attention_args *kept,
                        unsigned zero)
{
    static float want[SAMPLE_OUTPUT];

    sample_blank_output();
    cr_assert_eq(heed_attention(natural), HEED_OK);
    memcpy(want, sample_output, sizeof want);
    sample_blank_output();
    cr_assert_eq(heed_attention(kept), HEED_OK, "sizes %#x", zero);
    cr_expect_arr_eq(sample_output, want, sizeof want, "sizes %#x", zero);
}

ISA_TEST(empty_caches, packed_keys)
{
    for (unsigned zero = 0; zero < 1u << SIZES; zero++) {
        const heed_attention_args natural = problem(isa, zero);
        heed_attention_args kept = natural;
        const heed_pack_k_args p = {HEED_SIZED(heed_pack_k_args),
                                    .batch = natural.batch,
                                    .kv_heads = natural.kv_heads,
                                    .qk_dim = natural.qk_dim,
                                    .capacity = natural.kv_rows,
                                    .rows = natural.kv_rows,
                                    .k = natural.k,
                                    .packed = memory,
                                    .packed_size = sizeof memory,
                                    .isa = isa};

        memset(memory, 0xff, sizeof memory);
        cr_assert_eq(heed_pack_k(&p), HEED_OK, "sizes %#x", zero);
        kept.k.data = NULL;
        kept.packed_k = memory;
        kept.packed_k_size = sizeof memory;
        expect_same(&natural, &kept, zero);
    }
}

ISA_TEST(empty_caches, caches)
{
    for (unsigned zero = 0; zero < 1u << SIZES; zero++) {
        const heed_attention_args natural = problem(isa, zero);
        heed_attention_args kept = natural;
        const heed_kv_create_args create = {HEED_SIZED(heed_kv_create_args),
                                            .batch = natural.batch,
                                            .kv_heads = natural.kv_heads,
                                            .qk_dim = natural.qk_dim,
                                            .v_dim = natural.v_dim,
                                            .capacity = natural.kv_rows,
                                            .isa = isa,
                                            .memory = memory,
                                            .memory_size = sizeof memory};
        heed_kv kv;
        const heed_kv_append_args rows = {HEED_SIZED(heed_kv_append_args), .rows = natural.kv_rows,
                                          .k = natural.k, .v = natural.v, .kv = &kv};

        memset(memory, 0xff, sizeof memory);
        cr_assert_eq(heed_kv_create(&create, &kv), HEED_OK, "sizes %#x", zero);
        cr_assert_eq(heed_kv_append(&rows), HEED_OK, "sizes %#x", zero);
        kept.k.data = kept.v.data = NULL;
        kept.kv = &kv;
        expect_same(&natural, &kept, zero);
    }
}
