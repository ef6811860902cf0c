/* SPDX-License-Identifier: MIT */
/*
 * test_kv_bytes.c - caches of 8 bits hold what heed_quantize() makes of the same rows, and
 * attention over them has the bits of attention over that.
 */
#include <math.h>
#include <string.h>

#include "isa_test.h"
#include "kv_problem.h"

/* More query rows than keys are widened for in registers, and fewer. */
enum { MOST_ROWS = 5, OUTPUT = KV_BATCH * KV_Q_HEADS * MOST_ROWS * KV_V_DIM };
enum { ROWS = KV_BATCH * KV_HEADS * KV_KEYS };

static const heed_dtype types[] = {HEED_I8, HEED_F8};
static uint8_t k_codes[ROWS * KV_QK_DIM], v_codes[ROWS * KV_V_DIM];
static float k_scales[ROWS], v_scales[ROWS], want[OUTPUT], got[OUTPUT];
static _Alignas(64) unsigned char other[KV_MEMORY];

static void quantize(const heed_isa *isa, const heed_input *x, size_t dim, heed_dtype type,
                     void *codes, float *scales)
{
    const heed_quantize_args a = {HEED_SIZED(heed_quantize_args),
                                  .batch = KV_BATCH,
                                  .heads = KV_HEADS,
                                  .rows = KV_KEYS,
                                  .dim = dim,
                                  .x = *x,
                                  .y = {.data = codes, .dtype = type},
                                  .scales = {.data = scales},
                                  .isa = isa};

    cr_assert_eq(heed_quantize(&a), HEED_OK);
}

/* Attention over the views, quantised. */
static heed_attention_args quantized_views(const heed_isa *isa, heed_dtype type)
{
    heed_attention_args a = kv_attention_of_views(isa, want);

    quantize(isa, &a.k, KV_QK_DIM, type, k_codes, k_scales);
    quantize(isa, &a.v, KV_V_DIM, type, v_codes, v_scales);
    a.k = (heed_input){.data = k_codes, .dtype = type};
    a.v = (heed_input){.data = v_codes, .dtype = type};
    a.k_scales.data = k_scales;
    a.v_scales.data = v_scales;
    return a;
}

static void expect_same(heed_attention_args a, heed_attention_args views, const char *what)
{
    for (size_t rows = 1; rows <= MOST_ROWS; rows++) {
        a.q_rows = views.q_rows = rows;
        a.q.head_stride = views.q.head_stride = KV_QK_DIM;
        a.q.row_stride = views.q.row_stride = KV_Q_HEADS * KV_QK_DIM;
        memset(got, 0xff, sizeof got);
        memset(want, 0xff, sizeof want);
        cr_assert_eq(heed_attention(&views), HEED_OK, "%s", what);
        cr_assert_eq(heed_attention(&a), HEED_OK, "%s", what);
        cr_expect_arr_eq(got, want, sizeof want, "%s, %zu rows, on %s", what, rows,
                         heed_isa_name(views.isa));
    }
}

ISA_TEST(kv_bytes, have_the_bits_of_quantized_views)
{
    static const heed_dtype from[] = {HEED_F32, HEED_F16, HEED_BF16};

    for (size_t t = 0; t < 2; t++)
        for (size_t f = 0; f < 3; f++) {
            kv_draw(from[f]);

            const heed_attention_args views = quantized_views(isa, types[t]);
            heed_attention_args a = kv_attention_of(kv_filled(types[t], isa), got);

            expect_same(a, views, "the longest entry");
            a.kv_rows = KV_CAPACITY;
            expect_same(a, views, "the capacity");
        }
}

/* Token by token, with rows that are dropped again, and then from another place in memory. */
ISA_TEST(kv_bytes, tokens_and_detours)
{
    for (size_t t = 0; t < 2; t++) {
        kv_draw(HEED_F32);

        heed_kv *kv = kv_filled(types[t], isa);
        for (size_t length = 0; length < 77; length++) {
            const heed_kv_append_args wrong = kv_rows_of(kv, 2, 1, 5, 77 - length);
            const heed_kv_append_args right = kv_rows_of(kv, 2, 1, length, 1);

            cr_assert_eq(heed_kv_truncate(kv, 2, length), HEED_OK);
            if (length % 19 == 0)
                cr_assert_eq(heed_kv_append(&wrong), HEED_OK);
            cr_assert_eq(heed_kv_truncate(kv, 2, length), HEED_OK);
            cr_assert_eq(heed_kv_append(&right), HEED_OK);
        }
        memcpy(other, kv_memory, sizeof other);
        memset(kv_memory, 0xff, sizeof kv_memory);

        const heed_kv moved = kv_opened(other, sizeof other, 0, isa);
        expect_same(kv_attention_of(&moved, got), quantized_views(isa, types[t]), "tokens");
    }
}

/* Keys of one type and values of another; and the parts in a call that knows no caches. */
ISA_TEST(kv_bytes, parts_are_views)
{
    kv_draw(HEED_F32);

    heed_kv_create_args create = kv_create_args(HEED_F8, isa);
    heed_kv_info info;
    heed_kv kv;

    create.v_dtype = HEED_F32;
    cr_assert_eq(heed_kv_create(&create, &kv), HEED_OK);
    kv_fill(&kv);
    heed_kv_view(&kv, &info, sizeof info);
    cr_expect_null(info.v_scales.data);

    heed_attention_args a = kv_attention_of_views(isa, got), views = quantized_views(isa, HEED_F8);
    views.v = a.v;
    views.v_scales.data = NULL;
    a.k.data = NULL;
    a.packed_k = info.packed_k;
    a.packed_k_size = info.packed_k_size;
    a.k_scales = info.k_scales;
    a.v = info.v;
    a.kv_lengths = info.lengths;
    a.kv_rows = info.longest;
    expect_same(a, views, "parts");
    expect_same(kv_attention_of(&kv, got), views, "mixed");
}

/* The codes and scales of V, and the scales of K, one row of numbers that are odd. */
static void expect_row(const heed_isa *isa, heed_dtype type, const float *row)
{
    heed_kv_create_args create = kv_create_args(type, isa);
    const heed_input x = {.data = row};
    heed_kv kv;
    heed_kv_append_args rows = {HEED_SIZED(heed_kv_append_args), .kv = &kv, .rows = 1, .k = x,
                                .v = x};
    uint8_t codes[KV_V_DIM];
    float scale;
    heed_kv_info info;
    const heed_quantize_args q = {HEED_SIZED(heed_quantize_args),
                                  .batch = 1,
                                  .heads = 1,
                                  .rows = 1,
                                  .dim = KV_V_DIM,
                                  .x = x,
                                  .y = {.data = codes, .dtype = type},
                                  .scales = {.data = &scale},
                                  .isa = isa};

    create.batch = create.kv_heads = 1;
    create.qk_dim = create.v_dim = KV_V_DIM;
    cr_assert_eq(heed_quantize(&q), HEED_OK);
    memset(kv_memory, 0xff, sizeof kv_memory);
    cr_assert_eq(heed_kv_create(&create, &kv), HEED_OK);
    for (int i = 0; i < 3; i++) /* one that begins a panel, and others */
        cr_assert_eq(heed_kv_append(&rows), HEED_OK);
    heed_kv_view(rows.kv, &info, sizeof info);
    for (int i = 0; i < 3; i++) {
        cr_expect_arr_eq((const uint8_t *)info.v.data + i * KV_V_DIM, codes, KV_V_DIM);
        cr_expect_arr_eq((const float *)info.k_scales.data + i, &scale, sizeof scale);
        cr_expect_arr_eq((const float *)info.v_scales.data + i, &scale, sizeof scale);
    }
}

ISA_TEST(kv_bytes, odd_rows)
{
    static const float odd[] = {0.0f, -0.0f, 1e-38f, 0x1p-100f, 3e38f, INFINITY, -INFINITY, NAN};

    for (size_t t = 0; t < 2; t++)
        for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
            float row[KV_V_DIM] = {0};

            row[KV_V_DIM - 1] = odd[i];
            expect_row(isa, types[t], row);
            for (size_t d = 0; d < KV_V_DIM - 1; d++)
                row[d] = sinf((float)d);
            expect_row(isa, types[t], row);
        }
}

/* Keys without numbers have the scale 0, so that all weigh the same: memory may hold NaN. */
ISA_TEST(kv_bytes, zero_sizes)
{
    kv_draw(HEED_F32);

    heed_kv_create_args create = kv_create_args(HEED_I8, isa);
    const heed_attention_args views = kv_attention_of_views(isa, want);
    heed_kv kv;
    heed_kv_append_args rows = {HEED_SIZED(heed_kv_append_args), .kv = &kv, .rows = 2, .k = views.k,
                                .v = views.v};

    create.batch = create.kv_heads = 1;
    create.qk_dim = 0;
    create.v_dim = 1;
    memset(kv_memory, 0xff, sizeof kv_memory);
    cr_assert_eq(heed_kv_create(&create, &kv), HEED_OK);
    cr_assert_eq(heed_kv_append(&rows), HEED_OK);

    heed_attention_args a = kv_attention_of(rows.kv, got);
    const float *v = views.v.data;

    a.q_heads = 1;
    a.mask = HEED_MASK_NONE;
    cr_assert_eq(heed_attention(&a), HEED_OK);
    /* A row of one number is 127 times its scale: two roundings, and one for the mean. */
    cr_expect_float_eq(got[0], (v[0] + v[1]) / 2, 4 * 0x1p-24);
    create.v_dim = 0;
    cr_assert_eq(heed_kv_create(&create, &kv), HEED_OK);
    cr_expect_eq(heed_kv_append(&rows), HEED_OK);
}

ISA_TEST(kv_bytes, refusals)
{
    char reason[160] = "";

    kv_draw(HEED_F32);

    heed_kv *kv = kv_filled(HEED_I8, isa);
    heed_attention_args a = kv_attention_of(kv, got);
    heed_kv_append_args rows = kv_rows_of(kv, 0, 1, 0, 1);

    a.k_scales.data = k_scales;
    cr_expect_eq(heed_attention_check(&a, reason, sizeof reason), HEED_INVALID_ARGUMENT);
    cr_expect_str_eq(reason, "kv excludes k_scales");
    a.k_scales.data = NULL;
    a.v_scales.data = k_scales;
    cr_expect_eq(heed_attention_check(&a, reason, sizeof reason), HEED_INVALID_ARGUMENT);
    cr_expect_str_eq(reason, "kv excludes v_scales");
    rows.k.dtype = HEED_I8; /* without a scale */
    cr_expect_eq(heed_kv_append_check(&rows, reason, sizeof reason), HEED_UNSUPPORTED_TYPE);
    cr_expect(strstr(reason, "k.dtype"), "%s", reason);
    cr_expect_eq(heed_kv_length(kv, 0), KV_KEYS);
}
