/* SPDX-License-Identifier: MIT */
/*
 * test_masks.c - a mask says the same in whatever form: padded batches have the bits of lengths,
 * what is hidden may hold anything, and masks of bytes, bits and -inf are one mask.
 */
#include <math.h>
#include <string.h>

#include "isa_test.h"
#include "random.h"

enum { BATCH = 3, HEADS = 2, ROWS = 70, KEYS = 200, DIM = 24, KEY_BYTES = (KEYS + 7) / 8 };
enum form { BYTES, BITS, BIASES, FORMS };
enum { SHARED, BY_HEAD, BY_ROW, SHAPES };

static const char *const forms[] = {"bytes", "bits", "biases"};
static const size_t lengths[BATCH] = {131, 200, 64};

static float q[BATCH][HEADS][ROWS][DIM], k[BATCH][HEADS][KEYS][DIM], v[BATCH][HEADS][KEYS][DIM];
static float o[BATCH][HEADS][ROWS][DIM], expected[BATCH][HEADS][ROWS][DIM];

/* A mask of each form: whether query row r of a batch and head sees a key is up to `sees`. */
static unsigned char bytes[BATCH][HEADS][ROWS][KEYS], bits[BATCH][HEADS][ROWS][KEY_BYTES];
static float biases[BATCH][HEADS][ROWS][KEYS];

static void fill(void)
{
    struct random random = {11};
    float *const all[] = {q[0][0][0], k[0][0][0], v[0][0][0]};
    const size_t counts[] = {sizeof q, sizeof k, sizeof v};

    for (size_t i = 0; i < 3; i++)
        for (size_t n = 0; n < counts[i] / sizeof(float); n++)
            all[i][n] = random_float(&random, -2.0f, 2.0f);
}

static void set_mask(bool (*sees)(size_t b, size_t h, size_t r, size_t j))
{
    memset(bits, 0, sizeof bits);
    for (size_t b = 0; b < BATCH; b++)
        for (size_t h = 0; h < HEADS; h++)
            for (size_t r = 0; r < ROWS; r++)
                for (size_t j = 0; j < KEYS; j++) {
                    const bool seen = sees(b, h, r, j);

                    bytes[b][h][r][j] = (unsigned char)(seen ? 1 + j : 0);
                    bytes[b][h][r][j] |= seen && !bytes[b][h][r][j];
                    bits[b][h][r][j / 8] |= (unsigned char)(seen << j % 8);
                    biases[b][h][r][j] = seen ? 0.0f : -INFINITY;
                }
}

static heed_attention_args attention(const heed_isa *isa)
{
    return (heed_attention_args){
        HEED_SIZED(heed_attention_args),
        .batch = BATCH,
        .q_heads = HEADS,
        .kv_heads = HEADS,
        .q_rows = ROWS,
        .kv_rows = KEYS,
        .qk_dim = DIM,
        .v_dim = DIM,
        .q = {.data = q},
        .k = {.data = k},
        .v = {.data = v},
        .o = {.data = o},
        .isa = isa,
    };
}

/* A bias moves no score here, but it is added to scores that are scaled before: other roundings. */
static void take_zero(heed_attention_args *a)
{
    static const float zero;

    a->bias = (heed_score_view){.data = &zero};
}

/* The mask in this form; `shape`: stored once for heads and rows, for rows, or for each row. */
static void take_mask(heed_attention_args *a, enum form form, int shape)
{
    const ptrdiff_t row = form == BITS ? KEY_BYTES : KEYS;
    heed_score_view view = {.key_stride = 1, .batch_stride = HEADS * ROWS * row};

    view.head_stride = shape == SHARED ? 0 : ROWS * row;
    view.row_stride = shape == BY_ROW ? row : 0;
    view.dtype = form == BYTES ? HEED_U8 : form == BITS ? HEED_BITS : HEED_F32;
    view.data = form == BYTES  ? (const void *)bytes
                : form == BITS ? (const void *)bits
                               : (const void *)biases;
    *(form == BIASES ? &a->bias : &a->visible) = view;
}

static void compute(const heed_attention_args *a)
{
    memset(o, 0xff, sizeof o);
    cr_assert_eq(heed_attention(a), HEED_OK);
}

static void expect(const heed_attention_args *a)
{
    compute(a);
    memcpy(expected, o, sizeof o);
}

static bool before_length(size_t b, size_t h, size_t r, size_t j)
{
    (void)h;
    (void)r;
    return j < lengths[b];
}

ISA_TEST(masks, of_padding_have_the_bits_of_lengths)
{
    fill();
    set_mask(before_length);
    for (int i = 0; i < 2 * FORMS * SHAPES; i++) {
        const enum form form = (enum form)(i % FORMS);
        const int shape = i / FORMS % SHAPES, causal = i / FORMS / SHAPES;
        heed_attention_args a = attention(isa);

        a.mask = causal ? HEED_MASK_CAUSAL_FROM : HEED_MASK_NONE;
        a.q_position = 100;
        a.kv_lengths = lengths;
        if (form == BIASES)
            take_zero(&a);
        expect(&a);
        a.kv_lengths = NULL;
        take_mask(&a, form, shape);
        compute(&a);
        cr_expect_arr_eq(o, expected, sizeof o, "%s, shape %d, causal %d on %s", forms[form], shape,
                         causal, heed_isa_name(isa));
    }
}

/* Ends, holes, hidden blocks, whole blocks, and rows that see nothing. */
static bool here_and_there(size_t b, size_t h, size_t r, size_t j)
{
    if (r % 9 == 4)
        return false;
    if (j / 64 == 1 && (r / 8 + h) % 2)
        return false;
    if (j / 64 == 2)
        return true;
    return (j * 7 + r * 3 + b) % 5 != 0 && j >= b + r % 4;
}

ISA_TEST(masks, have_the_same_bits_in_every_form)
{
    fill();
    set_mask(here_and_there);
    for (int form = BITS; form < FORMS; form++) {
        heed_attention_args a = attention(isa);

        take_mask(&a, BYTES, BY_ROW);
        if (form == BIASES)
            take_zero(&a);
        expect(&a);
        a.visible.data = a.bias.data = NULL;
        take_mask(&a, (enum form)form, BY_ROW);
        compute(&a);
        cr_expect_arr_eq(o, expected, sizeof o, "%s on %s", forms[form], heed_isa_name(isa));
    }
}

/* Padding before the keys, in their midst and behind them, the same for all rows of a batch. */
static bool in_two_pieces(size_t b, size_t h, size_t r, size_t j)
{
    (void)h;
    (void)r;
    return j >= 3 + b && j < 190 - 20 * b && (j < 50 || j >= 140);
}

/* NaN in all that no row sees: keys, values, and what moves a score where a mask hides it. */
ISA_TEST(masks, hide_everything)
{
    fill();
    set_mask(in_two_pieces);
    for (int i = 0; i < FORMS * SHAPES; i++) {
        heed_attention_args a = attention(isa);

        fill();
        take_mask(&a, (enum form)(i % FORMS), i / FORMS);
        expect(&a);
        for (size_t b = 0; b < BATCH; b++)
            for (size_t h = 0; h < HEADS; h++)
                for (size_t j = 0; j < KEYS; j++)
                    for (size_t d = 0; d < DIM && !in_two_pieces(b, h, 0, j); d++)
                        k[b][h][j][d] = v[b][h][j][d] = j % 3 ? NAN : INFINITY;
        compute(&a);
        cr_expect_arr_eq(o, expected, sizeof o, "%s, shape %d on %s", forms[i % FORMS], i / FORMS,
                         heed_isa_name(isa));
    }
}
