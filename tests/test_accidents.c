/* SPDX-License-Identifier: MIT */
/*
 * test_accidents.c - what went wrong elsewhere does not here: public issues of
 * github.com/pytorch/pytorch and github.com/microsoft/onnxruntime, by number.
 */
#include <math.h>
#include <string.h>

#include "half.h"
#include "isa_test.h"
#include "random.h"

enum { MOST = 256, KEYS = 8 };

static float q[MOST], k[MOST], v[MOST], o[MOST], lse[MOST];

/* One head of one batch, `dim` numbers wide, all of them 0. */
static heed_attention_args problem(const heed_isa *isa, size_t q_rows, size_t kv_rows, size_t dim)
{
    memset(q, 0, sizeof q), memset(k, 0, sizeof k), memset(v, 0, sizeof v);
    return (heed_attention_args){HEED_SIZED(heed_attention_args),
                                 .batch = 1,
                                 .q_heads = 1,
                                 .kv_heads = 1,
                                 .q_rows = q_rows,
                                 .kv_rows = kv_rows,
                                 .qk_dim = dim,
                                 .v_dim = dim,
                                 .q.data = q,
                                 .k.data = k,
                                 .v.data = v,
                                 .o.data = o,
                                 .lse.data = lse,
                                 .isa = isa};
}

static void attend(const heed_attention_args *a)
{
    memset(o, 0xff, sizeof o), memset(lse, 0xff, sizeof lse);
    cr_assert_eq(heed_attention(a), HEED_OK);
}

static void randomise(void)
{
    struct random random = {1};

    for (size_t i = 0; i < MOST; i++) {
        q[i] = random_float(&random, -1.0f, 1.0f);
        k[i] = random_float(&random, -1.0f, 1.0f);
        v[i] = random_float(&random, -1.0f, 1.0f);
    }
}

/*
 * pytorch#101967: two keys, the second hidden from both rows; 1e10 in it changed nothing, NaN
 * made the output NaN, for -inf was added to a score of NaN, and 0 multiplied a value of NaN.
 */
static void expect_untouched_by_key_1(const heed_attention_args *a, const char *how)
{
    static const float poisons[] = {1e10f, NAN, INFINITY, -INFINITY};
    float clean[8];

    for (size_t i = 0; i < 8; i++)
        q[i] = k[i] = v[i] = (float)i;
    attend(a);
    memcpy(clean, o, sizeof clean);
    for (size_t p = 0; p < sizeof poisons / sizeof *poisons; p++) {
        k[4] = k[7] = v[5] = v[7] = poisons[p];
        attend(a);
        cr_expect_arr_eq(o, clean, sizeof clean, "%g, hidden by %s, leaks on %s",
                         (double)poisons[p], how, heed_isa_name(a->isa));
    }
}

ISA_TEST(accidents, nan_in_a_hidden_key)
{
    static const unsigned char visible[2 * 2] = {1, 0, 1, 0};
    static const float bias[2 * 2] = {0, -INFINITY, 0, -INFINITY};
    static const size_t length = 1;
    heed_attention_args a = problem(isa, 2, 2, 4);

    a.visible = (heed_score_view){visible, HEED_U8, 0, 0, 2, 1};
    expect_untouched_by_key_1(&a, "visible");
    a.visible = (heed_score_view){0};
    a.bias = (heed_score_view){bias, HEED_F32, 0, 0, 2, 1};
    expect_untouched_by_key_1(&a, "bias");
    a.bias = (heed_score_view){0};
    a.kv_lengths = &length;
    expect_untouched_by_key_1(&a, "kv_lengths");
}

/* pytorch#141128: NaN in every query, and the fused kernel for CPUs gave zeros. */
ISA_TEST(accidents, nan_is_not_zero)
{
    enum { ROWS = 16, DIM = 8 };
    const heed_attention_args a = problem(isa, ROWS, ROWS, DIM);
    float *const operands[] = {q, k, v};

    for (size_t which = 0; which < 3; which++) {
        randomise();
        for (size_t i = 0; i < ROWS * DIM; i++)
            operands[which][i] = NAN;
        attend(&a);
        for (size_t i = 0; i < ROWS * DIM; i++)
            cr_assert(isnan(o[i]), "%c of NaN on %s", "qkv"[which], heed_isa_name(isa));
    }
}

/*
 * pytorch#160841: q = k = v = 256 in f16 (the regression test of its pull request 162401, as
 * 165961 left it).  Scores of 256 256 sqrt(80) pass the 65504 of f16, where they were kept on
 * the way to the softmax.  All keys weigh the same: each output is 256.
 */
ISA_TEST(accidents, scores_beyond_f16)
{
    enum { HEADS = 32, ROWS = 23, DIM = 80 };
    static uint16_t x[HEADS * ROWS * DIM], y[HEADS * ROWS * DIM];
    heed_attention_args a = problem(isa, ROWS, ROWS, DIM);

    for (size_t i = 0; i < HEADS * ROWS * DIM; i++)
        dtype_write(HEED_F16, &x[i], 256);
    a.q_heads = a.kv_heads = HEADS;
    a.q = a.k = a.v = (heed_input){.data = x, .dtype = HEED_F16};
    a.o = (heed_output){.data = y, .dtype = HEED_F16};
    a.lse.data = NULL;
    attend(&a);
    cr_expect_arr_eq(y, x, sizeof x, "256 becomes %g", dtype_read(HEED_F16, y));
}

/* Rows before `rows` see some key, the others none: zeros, no NaN and no mean of all values. */
static void expect_blind_after(const heed_attention_args *a, size_t rows, const char *how)
{
    attend(a);
    for (size_t i = 0; i < a->q_rows * a->v_dim; i++)
        cr_assert(i < rows * a->v_dim ? o[i] != 0.0f && isfinite(o[i])
                                      : o[i] == 0.0f && !signbit(o[i]),
                  "%s: number %zu is %g on %s", how, i, (double)o[i], heed_isa_name(a->isa));
    for (size_t r = 0; r < a->q_rows; r++)
        cr_assert(r < rows ? isfinite(lse[r]) : lse[r] == -INFINITY);
}

/*
 * pytorch#103963: a boolean mask that is true in [0, 4) x [0, 4) of 8 x 8 made the last four
 * rows NaN.  onnxruntime#28904: a large number in place of -inf made them the mean of v.
 */
ISA_TEST(accidents, rows_that_see_nothing)
{
    unsigned char visible[KEYS * KEYS];
    float bias[KEYS * KEYS];
    heed_attention_args a = problem(isa, KEYS, KEYS, KEYS);

    for (size_t i = 0; i < KEYS * KEYS; i++) {
        visible[i] = i / KEYS < 4 && i % KEYS < 4;
        bias[i] = visible[i] ? 0.0f : -INFINITY;
    }
    randomise();
    a.visible = (heed_score_view){visible, HEED_U8, 0, 0, KEYS, 1};
    expect_blind_after(&a, 4, "visible");
    a.visible = (heed_score_view){0};
    a.bias = (heed_score_view){bias, HEED_F32, 0, 0, KEYS, 1};
    expect_blind_after(&a, 4, "bias");
}

/* With q = 0 and value j the unit vector of axis j, output j of a row is 0 unless it sees key j. */
static void expect_sight(const heed_attention_args *a, ptrdiff_t offset, const char *what)
{
    for (size_t j = 0; j < KEYS; j++)
        v[j * KEYS + j] = 1.0f;
    attend(a);
    for (size_t r = 0; r < a->q_rows; r++)
        for (size_t j = 0; j < KEYS; j++)
            cr_assert_eq(o[r * KEYS + j] != 0.0f, (ptrdiff_t)j <= (ptrdiff_t)r + offset,
                         "%s: row %zu, key %zu on %s", what, r, j, heed_isa_name(a->isa));
}

/*
 * onnxruntime#29020: one row, many keys, no past: one provider let it see all keys, the other
 * key 0 alone.  Here the caller says which.  onnxruntime#28904: rows that follow a cache were
 * aligned to the first key, so that a row of decoding saw key 0 and nothing of its past.
 */
ISA_TEST(accidents, causal_rows_after_a_past)
{
    static const size_t lengths[] = {KEYS, 6, 4, 2}; /* the last: more rows than keys */
    heed_attention_args a = problem(isa, 1, KEYS, KEYS);

    a.mask = HEED_MASK_CAUSAL;
    expect_sight(&a, KEYS - 1, "one row at the last key");
    a.mask = HEED_MASK_CAUSAL_FROM;
    expect_sight(&a, 0, "one row at key 0");
    a = problem(isa, 4, KEYS, KEYS);
    a.mask = HEED_MASK_CAUSAL_FROM;
    for (a.q_position = 0; a.q_position < 5; a.q_position++)
        expect_sight(&a, a.q_position, "rows after a past");
    a.mask = HEED_MASK_CAUSAL;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        a.kv_lengths = &lengths[i];
        expect_sight(&a, (ptrdiff_t)lengths[i] - 4, "rows at the end of a cache");
    }
}
