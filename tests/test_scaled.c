/* SPDX-License-Identifier: MIT */
/*
 * test_scaled.c - keys and values of 8 bits: scales of hidden keys, what is refused, and
 * how far results are from those of the straightforward computation.
 */
#include <math.h>
#include <string.h>

#include "half.h"
#include "isa_test.h"
#include "random.h"
#include "reference.h"

/* Three blocks of keys, heads of 32 dims that no vector divides into leftovers, two heads. */
enum { HEADS = 2, ROWS = 7, KEYS = 140, DIM = 32 };

static float q[ROWS * HEADS * DIM], o[ROWS * HEADS * DIM], lse[ROWS * HEADS];
static float numbers[2][HEADS * KEYS * DIM], scales[2][HEADS * KEYS];
static int8_t codes[2][HEADS * KEYS * DIM];
static unsigned char visible[ROWS * KEYS], blocks[3];
static float bias[ROWS * KEYS];

static heed_status quantize(const heed_isa *isa, int which, heed_dtype type)
{
    const heed_quantize_args a = {HEED_SIZED(heed_quantize_args),
                                  .batch = 1,
                                  .heads = HEADS,
                                  .rows = KEYS,
                                  .dim = DIM,
                                  .x = {.data = numbers[which]},
                                  .y = {.data = codes[which], .dtype = type},
                                  .scales = {.data = scales[which]},
                                  .isa = isa};

    return heed_quantize(&a);
}

/* Keys and values in [-1, 1) quantised to `type`; scores small, so that no weight vanishes. */
static heed_attention_args problem(const heed_isa *isa, heed_dtype type)
{
    struct random random = {5};

    for (size_t i = 0; i < HEADS * KEYS * DIM; i++)
        for (int which = 0; which < 2; which++)
            numbers[which][i] = random_float(&random, -1.0f, 1.0f);
    for (size_t i = 0; i < ROWS * HEADS * DIM; i++)
        q[i] = random_float(&random, -1.0f, 1.0f);
    for (int which = 0; which < 2; which++)
        cr_assert_eq(quantize(isa, which, type), HEED_OK);
    return (heed_attention_args){HEED_SIZED(heed_attention_args),
                                 .batch = 1,
                                 .q_heads = HEADS,
                                 .kv_heads = HEADS,
                                 .q_rows = ROWS,
                                 .kv_rows = KEYS,
                                 .qk_dim = DIM,
                                 .v_dim = DIM,
                                 .q = {.data = q},
                                 .k = {.data = codes[0], .dtype = type},
                                 .v = {.data = codes[1], .dtype = type},
                                 .o = {.data = o},
                                 .lse = {.data = lse},
                                 .isa = isa,
                                 .k_scales = {.data = scales[0]},
                                 .v_scales = {.data = scales[1]}};
}

static void expect_reference(const heed_attention_args *a, const char *what, size_t key)
{
    static struct bounded want_o[ROWS * HEADS * DIM], want_lse[ROWS * HEADS];

    reference_attention(a, want_o, want_lse, NULL);
    memset(o, 0xff, sizeof o);
    cr_assert_eq(heed_attention(a), HEED_OK);
    for (size_t i = 0; i < a->q_rows * HEADS * DIM; i++)
        cr_assert(bounded_accepts(want_o[i], o[i]),
                  "%s, key %zu: %zu of row %zu on %s is %g, not %g", what, key, i % DIM, i / DIM,
                  heed_isa_name(a->isa), (double)o[i], want_o[i].value);
    for (size_t i = 0; i < a->q_rows * HEADS; i++)
        cr_assert(bounded_accepts(want_lse[i], lse[i]), "%s, key %zu: lse %zu", what, key, i);
}

static const size_t places[] = {0, 1, 62, 63, 64, 65, 70, 100, 127, 128, 138, 139};
static const float odd_scales[] = {NAN, INFINITY, -INFINITY, 0.0f, -1.0f};

/* Each of the scales above, at each of the places: rows that see it, and only those, notice. */
static void try_scales(heed_attention_args *a, const char *what)
{
    for (int which = 0; which < 2; which++)
        for (size_t i = 0; i < sizeof places / sizeof *places; i++)
            for (size_t s = 0; s < sizeof odd_scales / sizeof *odd_scales; s++) {
                float *scale = &scales[which][(i % HEADS) * KEYS + places[i]];
                const float before = *scale;

                if (which == 0 && isinf(odd_scales[s]))
                    continue; /* of scores: infinities of either sign, NaN in the sums of them */
                *scale = odd_scales[s];
                expect_reference(a, what, places[i]);
                *scale = before;
            }
}

static void hide_singly(void)
{
    for (size_t i = 0; i < ROWS * KEYS; i++) {
        visible[i] = i % 3 != 1;
        bias[i] = i % 3 == 1 ? -INFINITY : 0.25f;
    }
    blocks[0] = 1, blocks[1] = 0, blocks[2] = 1;
}

ISA_TEST(scaled, scales_of_hidden_keys_do_not_count)
{
    static const heed_dtype types[] = {HEED_I8, HEED_F8};
    const heed_score_view square = {.row_stride = KEYS, .key_stride = 1};

    hide_singly();
    for (size_t t = 0; t < 2; t++) {
        heed_attention_args whole = problem(isa, types[t]), a = whole;

        try_scales(&a, "none");
        a.mask = HEED_MASK_CAUSAL;
        try_scales(&a, "causal");
        a.window_left = 70;
        try_scales(&a, "window");
        a.window_left = 60; /* keys from 66 up to at least 74 are hidden, within one block */
        a.prefix = 66;
        try_scales(&a, "window and prefix");
        a = whole;
        a.kv_lengths = (const size_t[]){100};
        try_scales(&a, "length");
        a = whole;
        a.visible = square;
        a.visible.data = visible, a.visible.dtype = HEED_U8;
        try_scales(&a, "visible");
        a = whole;
        a.bias = square;
        a.bias.data = bias;
        try_scales(&a, "bias");
        a = whole;
        a.blocks = (heed_score_view){.data = blocks, .dtype = HEED_U8, .key_stride = 1};
        a.block_rows = ROWS, a.block_keys = 64;
        try_scales(&a, "blocks");
    }
}

/* The one NaN of f8 beside the numbers of a row; no scales. */
ISA_TEST(scaled, nan_of_f8)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        heed_attention_args a = problem(isa, HEED_F8);

        a.k_scales = a.v_scales = (heed_input){0};
        a.scale = 1e-4f;
        a.mask = HEED_MASK_CAUSAL;
        codes[i % 2][places[i] * DIM + i] = i % 3 ? 0x7f : -1;
        expect_reference(&a, "NaN", places[i]);
    }
}

/* Keys of all other rows: decode of one row and few, and more than the tiles hold. */
ISA_TEST(scaled, any_number_of_rows)
{
    for (size_t rows = 1; rows <= ROWS; rows++) {
        heed_attention_args a = problem(isa, HEED_I8);

        a.q_rows = rows;
        a.v.dtype = HEED_F8;
        cr_assert_eq(quantize(isa, 1, HEED_F8), HEED_OK);
        expect_reference(&a, "rows", rows);
    }
}

static double naive_error(const heed_attention_args *a, const float *exact_k, const float *exact_v,
                          const struct bounded *want)
{
    const float scale = 1.0f / sqrtf((float)DIM);
    double largest = 0;

    for (size_t row = 0; row < HEADS * a->q_rows; row++) {
        const size_t h = row / a->q_rows;
        float s[KEYS], top = -INFINITY, sum = 0.0f, result[DIM] = {0};

        for (size_t j = 0; j < KEYS; j++) {
            s[j] = 0.0f;
            for (size_t d = 0; d < DIM; d++)
                s[j] += q[row * DIM + d] * exact_k[(h * KEYS + j) * DIM + d];
            s[j] *= scale;
            top = fmaxf(top, s[j]);
        }
        for (size_t j = 0; j < KEYS; j++)
            sum += s[j] = expf(s[j] - top);
        for (size_t j = 0; j < KEYS; j++)
            for (size_t d = 0; d < DIM; d++)
                result[d] += s[j] / sum * exact_v[(h * KEYS + j) * DIM + d];
        for (size_t d = 0; d < DIM; d++)
            largest = fmax(largest, fabs((double)result[d] - want[row * DIM + d].value));
    }
    return largest;
}

static void widen(int which, heed_dtype type)
{
    for (size_t i = 0; i < HEADS * KEYS * DIM; i++)
        numbers[which][i] = (float)dtype_read(type, &codes[which][i]) * scales[which][i / DIM];
}

/* Against the same in double, the error is at most twice that of the formula in f32 (Dao 2022). */
ISA_TEST(scaled, no_less_exact_than_the_formula)
{
    static const heed_dtype types[] = {HEED_I8, HEED_F8};
    static struct bounded want_o[ROWS * HEADS * DIM], want_lse[ROWS * HEADS];

    for (size_t t = 0; t < 2; t++) {
        const heed_attention_args a = problem(isa, types[t]);
        double largest = 0;

        widen(0, types[t]);
        widen(1, types[t]);
        reference_attention(&a, want_o, want_lse, NULL);
        cr_assert_eq(heed_attention(&a), HEED_OK);
        for (size_t i = 0; i < ROWS * HEADS * DIM; i++)
            largest = fmax(largest, fabs((double)o[i] - want_o[i].value));
        cr_expect_leq(largest, 2 * naive_error(&a, numbers[0], numbers[1], want_o), "%s",
                      heed_isa_name(isa));
    }
}

static void expect_refused(const heed_attention_args *a, heed_status status, const char *named)
{
    char reason[160] = "";

    cr_expect_eq(heed_attention_check(a, reason, sizeof reason), status, "%s", reason);
    cr_expect(strstr(reason, named), "\"%s\" does not name %s", reason, named);
    cr_expect_eq(heed_attention(a), status);
}

Test(scaled, refusals)
{
    const heed_attention_args right = problem(NULL, HEED_I8);
    heed_attention_args a = right;

    a.k_scales.data = NULL;
    expect_refused(&a, HEED_INVALID_ARGUMENT, "k_scales");
    a = right, a.v_scales.data = NULL;
    expect_refused(&a, HEED_INVALID_ARGUMENT, "v_scales");
    a = right, a.k_scales.dtype = HEED_F16;
    expect_refused(&a, HEED_UNSUPPORTED_TYPE, "k_scales");
    a = right, a.v_scales.data = (const char *)a.v_scales.data + 2;
    expect_refused(&a, HEED_INVALID_ARGUMENT, "v_scales");
    a = right, a.v_scales.row_stride = PTRDIFF_MAX;
    expect_refused(&a, HEED_INVALID_ARGUMENT, "v_scales");
    a = right, a.o.data = scales[0];
    expect_refused(&a, HEED_INVALID_ARGUMENT, "k_scales");
    a = right, a.k = (heed_input){.data = numbers[0]};
    expect_refused(&a, HEED_INVALID_ARGUMENT, "k_scales");
    a = right, a.q.dtype = HEED_I8;
    expect_refused(&a, HEED_UNSUPPORTED_TYPE, "q.dtype");
    a = right, a.o.dtype = HEED_F8;
    expect_refused(&a, HEED_UNSUPPORTED_TYPE, "o.dtype");
    a = right, a.kv_rows = 0, a.k_scales.data = a.v_scales.data = NULL;
    cr_expect_eq(heed_attention(&a), HEED_OK);
}

/* The small way takes none of this. */
Test(scaled, tiny_f32_with_scales_is_refused)
{
    heed_attention_args a = problem(NULL, HEED_I8);

    a.q_heads = a.kv_heads = 1;
    a.q_rows = a.kv_rows = 1;
    a.qk_dim = a.v_dim = 1;
    a.lse.data = NULL;
    a.k = a.v = (heed_input){.data = numbers[0]};
    a.k_scales.data = NULL;
    expect_refused(&a, HEED_INVALID_ARGUMENT, "v_scales");
}

Test(scaled, eight_bits_are_for_attention_alone)
{
    const heed_pack_k_args pack = {HEED_SIZED(heed_pack_k_args),
                                   .batch = 1,
                                   .kv_heads = 1,
                                   .qk_dim = DIM,
                                   .capacity = 4,
                                   .rows = 4,
                                   .k = {.data = codes, .dtype = HEED_I8},
                                   .packed = o,
                                   .packed_size = sizeof o};
    const heed_scores_args s = {HEED_SIZED(heed_scores_args),
                                .batch = 1,
                                .q_heads = 1,
                                .kv_heads = 1,
                                .q_rows = 1,
                                .kv_rows = 1,
                                .qk_dim = DIM,
                                .q = {.data = q},
                                .k = {.data = codes, .dtype = HEED_F8},
                                .s = {.data = o}};

    cr_expect_eq(heed_pack_k(&pack), HEED_UNSUPPORTED_TYPE);
    cr_expect_eq(heed_scores(&s), HEED_UNSUPPORTED_TYPE);
}
