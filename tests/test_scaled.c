/* SPDX-License-Identifier: MIT */
/* test_scaled.c - keys and values of 8 bits: scales and NaN of hidden keys do not count. */
#include <math.h>
#include <string.h>

#include "isa_test.h"
#include "reference.h"
#include "scaled_problem.h"

static unsigned char visible[SCALED_ROWS * SCALED_KEYS], blocks[3];
static float bias[SCALED_ROWS * SCALED_KEYS];

static void expect_reference(const heed_attention_args *a, const char *what, size_t key)
{
    static struct bounded want_o[SCALED_OUTPUT], want_lse[SCALED_ROWS * SCALED_HEADS];

    reference_attention(a, want_o, want_lse, NULL);
    memset(scaled_o, 0xff, sizeof scaled_o);
    cr_assert_eq(heed_attention(a), HEED_OK);
    for (size_t i = 0; i < a->q_rows * SCALED_HEADS * SCALED_DIM; i++)
        cr_assert(bounded_accepts(want_o[i], scaled_o[i]),
                  "%s, key %zu: %zu of row %zu on %s is %g, not %g", what, key, i % SCALED_DIM,
                  i / SCALED_DIM, heed_isa_name(a->isa), (double)scaled_o[i], want_o[i].value);
    for (size_t i = 0; i < a->q_rows * SCALED_HEADS; i++)
        cr_assert(bounded_accepts(want_lse[i], scaled_lse[i]), "%s, key %zu: lse %zu", what, key,
                  i);
}

static const size_t places[] = {0, 1, 62, 63, 64, 65, 70, 100, 127, 128, 138, 139};
static const float odd_scales[] = {NAN, INFINITY, -INFINITY, 0.0f, -1.0f};

/* Each of the scales above, at each of the places: rows that see it, and only those, notice. */
static void try_scales(heed_attention_args *a, const char *what)
{
    for (int which = 0; which < 2; which++)
        for (size_t i = 0; i < sizeof places / sizeof *places; i++)
            for (size_t s = 0; s < sizeof odd_scales / sizeof *odd_scales; s++) {
                float *scale = &scaled_scales[which][(i % SCALED_HEADS) * SCALED_KEYS + places[i]];
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
    for (size_t i = 0; i < SCALED_ROWS * SCALED_KEYS; i++) {
        visible[i] = i % 3 != 1;
        bias[i] = i % 3 == 1 ? -INFINITY : 0.25f;
    }
    blocks[0] = 1, blocks[1] = 0, blocks[2] = 1;
}

ISA_TEST(scaled, scales_of_hidden_keys_do_not_count)
{
    static const heed_dtype types[] = {HEED_I8, HEED_F8};
    const heed_score_view square = {.row_stride = SCALED_KEYS, .key_stride = 1};

    hide_singly();
    for (size_t t = 0; t < 2; t++) {
        heed_attention_args whole = scaled_problem(isa, types[t]), a = whole;

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
        a.block_rows = SCALED_ROWS, a.block_keys = 64;
        try_scales(&a, "blocks");
    }
}

/* The one NaN of f8 beside the numbers of a row; no scales. */
ISA_TEST(scaled, nan_of_f8)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        heed_attention_args a = scaled_problem(isa, HEED_F8);

        a.k_scales = a.v_scales = (heed_input){0};
        a.scale = 1e-4f;
        a.mask = HEED_MASK_CAUSAL;
        scaled_codes[i % 2][places[i] * SCALED_DIM + i] = i % 3 ? 0x7f : -1;
        expect_reference(&a, "NaN", places[i]);
    }
}

/* Keys of all other rows: decode of one row and few, and more than the tiles hold. */
ISA_TEST(scaled, any_number_of_rows)
{
    for (size_t rows = 1; rows <= SCALED_ROWS; rows++) {
        heed_attention_args a = scaled_problem(isa, HEED_I8);

        a.q_rows = rows;
        a.v.dtype = HEED_F8;
        cr_assert_eq(scaled_quantize(isa, 1, HEED_F8), HEED_OK);
        expect_reference(&a, "rows", rows);
    }
}
