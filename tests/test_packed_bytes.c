/* SPDX-License-Identifier: MIT */
/* test_packed_bytes.c - packed keys of 8 bits: the bits of natural ones, scales beside them. */
#include <math.h>
#include <string.h>

#include "isa_test.h"
#include "random.h"

/* Panels that are full and one that is not, dims of whole vectors or not. */
enum { BATCH = 2, HEADS = 2, KEYS = 77, DIM = 32, V_DIM = 9, MOST_ROWS = 5, CAPACITY = 90 };

static uint8_t k[BATCH * HEADS * KEYS * DIM];
static float q[BATCH * HEADS * MOST_ROWS * DIM], v[BATCH * HEADS * KEYS * V_DIM];
static float scales[BATCH * HEADS * KEYS];
static float want[BATCH * HEADS * MOST_ROWS * V_DIM], got[BATCH * HEADS * MOST_ROWS * V_DIM];
static _Alignas(64) unsigned char memory[1 << 16];

static heed_attention_args problem(const heed_isa *isa, heed_dtype type, size_t dim)
{
    struct random random = {3};

    for (size_t i = 0; i < sizeof k; i++)
        k[i] = (uint8_t)random_below(&random, 256);
    for (size_t i = 0; i < sizeof k && type == HEED_F8; i++)
        k[i] = (k[i] & 0x7f) == 0x7f ? 0x7e : k[i];
    for (size_t i = 0; i < sizeof q / sizeof *q; i++)
        q[i] = random_float(&random, -1.0f, 1.0f);
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        v[i] = random_float(&random, -1.0f, 1.0f);
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
        scales[i] = random_float(&random, -0.01f, 0.01f);
    return (heed_attention_args){HEED_SIZED(heed_attention_args),
                                 .batch = BATCH,
                                 .q_heads = HEADS,
                                 .kv_heads = HEADS,
                                 .q_rows = 1,
                                 .kv_rows = KEYS,
                                 .qk_dim = dim,
                                 .v_dim = V_DIM,
                                 .q.data = q,
                                 .k = {.data = k, .dtype = type},
                                 .v.data = v,
                                 .o.data = want,
                                 .isa = isa,
                                 .k_scales.data = scales};
}

/* All keys, appended in three steps: a panel and more, one key, the rest. */
static heed_attention_args packed(const heed_attention_args *a)
{
    static const size_t ends[] = {0, 70, 71, KEYS};
    heed_attention_args with = *a;
    heed_pack_k_args p = {HEED_SIZED(heed_pack_k_args),
                          .batch = BATCH,
                          .kv_heads = HEADS,
                          .qk_dim = a->qk_dim,
                          .capacity = CAPACITY,
                          .packed = memory,
                          .isa = a->isa,
                          .packed_dtype = a->k.dtype};

    cr_assert_eq(heed_pack_k_size(&p, &p.packed_size), HEED_OK);
    cr_assert_leq(p.packed_size, sizeof memory);
    memset(memory, 0xff, sizeof memory);
    for (int i = 0; i < 3; i++) {
        p.first_row = ends[i];
        p.rows = ends[i + 1] - ends[i];
        p.k = (heed_input){.data = k + ends[i] * a->qk_dim,
                           .dtype = a->k.dtype,
                           .batch_stride = (ptrdiff_t)(HEADS * KEYS * a->qk_dim),
                           .head_stride = (ptrdiff_t)(KEYS * a->qk_dim),
                           .row_stride = (ptrdiff_t)a->qk_dim};
        cr_assert_eq(heed_pack_k(&p), HEED_OK);
    }
    with.k.data = NULL;
    with.packed_k = memory;
    with.packed_k_size = p.packed_size;
    with.o.data = got;
    return with;
}

static void expect_same(heed_attention_args natural, const char *what)
{
    heed_attention_args a = packed(&natural);

    for (size_t rows = 1; rows <= MOST_ROWS; rows++) {
        a.q_rows = natural.q_rows = rows;
        memset(got, 0xff, sizeof got);
        memset(want, 0xff, sizeof want);
        cr_assert_eq(heed_attention(&natural), HEED_OK);
        cr_assert_eq(heed_attention(&a), HEED_OK);
        cr_expect_arr_eq(got, want, sizeof want, "%s, type %d, %zu rows of %zu on %s", what,
                         (int)natural.k.dtype, rows, natural.qk_dim, heed_isa_name(natural.isa));
    }
}

ISA_TEST(packed_bytes, have_the_bits_of_natural_keys)
{
    for (size_t dim = 0; dim <= DIM; dim += dim < 2 ? 1 : 15) {
        expect_same(problem(isa, HEED_I8, dim), "scales");
        expect_same(problem(isa, HEED_F8, dim), "scales");

        heed_attention_args a = problem(isa, HEED_F8, dim);

        a.k_scales.data = NULL;
        expect_same(a, "none");
        a.mask = HEED_MASK_CAUSAL;
        a.softcap = 3.0f;
        expect_same(a, "rules");
    }
}

static bool is_nan(const float *row)
{
    for (size_t d = 0; d < V_DIM; d++)
        if (!isnan(row[d]))
            return false;
    return true;
}

/* The NaN of f8 at each place of a panel: all rows of its head are NaN, and no others. */
ISA_TEST(packed_bytes, nan_of_f8)
{
    for (size_t at = 0; at < KEYS * DIM; at += 37) {
        heed_attention_args a = problem(isa, HEED_F8, DIM);

        k[(HEADS + 1) * KEYS * DIM + at] = at % 2 ? 0x7f : 0xff;
        a = packed(&a);
        for (size_t rows = 1; rows <= MOST_ROWS; rows++) {
            a.q_rows = rows;
            cr_assert_eq(heed_attention(&a), HEED_OK);
            for (size_t row = 0; row < BATCH * HEADS * rows; row++)
                cr_assert_eq(is_nan(got + row * V_DIM), row / rows == HEADS + 1,
                             "number %zu, row %zu of %zu on %s", at, row, rows, heed_isa_name(isa));
        }
    }
}

static void expect_refused(const heed_attention_args *a, heed_status status, const char *named)
{
    char reason[160] = "";

    memset(got, 0xff, sizeof got);
    cr_expect_eq(heed_attention_check(a, reason, sizeof reason), status, "%s", reason);
    cr_expect(strstr(reason, named), "\"%s\" does not name %s", reason, named);
    cr_expect_eq(heed_attention(a), status);
    for (size_t i = 0; i < sizeof got / sizeof *got; i++)
        cr_assert(got[i] != got[i], "%s: wrote", named);
}

ISA_TEST(packed_bytes, scales_that_do_not_fit)
{
    heed_attention_args right = problem(isa, HEED_I8, DIM), a;

    right = a = packed(&right);
    a.k_scales.data = NULL;
    expect_refused(&a, HEED_INVALID_ARGUMENT, "k_scales.data");
    a = right;
    a.k_scales.dtype = HEED_F16;
    expect_refused(&a, HEED_UNSUPPORTED_TYPE, "k_scales.dtype");
    a = right;
    a.k_scales.row_stride = PTRDIFF_MAX / 2;
    expect_refused(&a, HEED_INVALID_ARGUMENT, "k_scales");
    a = right;
    a.v_scales.data = scales; /* of values of f32 */
    expect_refused(&a, HEED_INVALID_ARGUMENT, "v_scales");
    a = right;
    a.k_scales.data = got; /* what is written */
    expect_refused(&a, HEED_INVALID_ARGUMENT, "k_scales");
}

static void expect_not_packed(const heed_pack_k_args *p, const char *named)
{
    static unsigned char before[sizeof memory];
    char reason[160] = "";

    memcpy(before, memory, sizeof before);
    cr_expect_eq(heed_pack_k_check(p, reason, sizeof reason), HEED_UNSUPPORTED_TYPE, "%s", reason);
    cr_expect(strstr(reason, named), "\"%s\" does not name %s", reason, named);
    cr_expect_eq(heed_pack_k(p), HEED_UNSUPPORTED_TYPE);
    cr_expect_arr_eq(memory, before, sizeof before);
}

ISA_TEST(packed_bytes, other_types_are_refused)
{
    static const heed_dtype types[][2] = {
        {HEED_F32, HEED_I8}, {HEED_BF16, HEED_F8}, {HEED_I8, HEED_F8}, {HEED_F8, HEED_I8},
        {HEED_I8, HEED_F32}, {HEED_F8, HEED_F16},  {HEED_U8, HEED_U8}, {HEED_I8, HEED_BITS}};
    heed_pack_k_args p = {HEED_SIZED(heed_pack_k_args), .batch = 1, .kv_heads = 1, .qk_dim = DIM,
                          .capacity = CAPACITY,         .rows = 4,  .k.data = q,   .packed = memory,
                          .packed_size = sizeof memory, .isa = isa};

    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        p.k.dtype = types[t][0];
        p.packed_dtype = types[t][1];
        expect_not_packed(&p, t < 6 ? "k.dtype" : "packed_dtype");
    }
}
