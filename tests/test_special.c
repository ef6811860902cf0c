/* SPDX-License-Identifier: MIT */
/*
 * test_special.c - NaN, infinities and large scores in attention: what is masked
 * never touches a result, what is visible propagates as the formula says.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "isa_test.h"
#include "random.h"
#include "reference.h"

/* Causal and square, over three blocks of 64 keys. */
enum { ROWS = 140, QK_DIM = 17, V_DIM = 20 };

static float q[ROWS][QK_DIM], k[ROWS][QK_DIM], v[ROWS][V_DIM], o[ROWS][V_DIM], lse[ROWS];
static float clean_o[ROWS][V_DIM], clean_lse[ROWS];

static heed_attention_args problem(const heed_isa *isa)
{
    struct random random = {7};

    for (size_t r = 0; r < ROWS; r++) {
        for (size_t d = 0; d < QK_DIM; d++) {
            q[r][d] = random_float(&random, 0.5f, 1.5f);
            k[r][d] = random_float(&random, -1.0f, 1.0f);
        }
        for (size_t d = 0; d < V_DIM; d++)
            v[r][d] = random_float(&random, -1.0f, 1.0f);
    }
    return (heed_attention_args){
        HEED_SIZED(heed_attention_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = ROWS,
        .kv_rows = ROWS,
        .qk_dim = QK_DIM,
        .v_dim = V_DIM,
        .q.data = q,
        .k.data = k,
        .v.data = v,
        .o.data = o,
        .lse.data = lse,
        .mask = HEED_MASK_CAUSAL,
        .isa = isa,
    };
}

static void attend(const heed_attention_args *a)
{
    memset(o, 0xff, sizeof o);
    memset(lse, 0xff, sizeof lse);
    cr_assert_eq(heed_attention(a), HEED_OK);
}

static void attend_clean(const heed_attention_args *a)
{
    attend(a);
    memcpy(clean_o, o, sizeof o);
    memcpy(clean_lse, lse, sizeof lse);
}

static void expect_reference(const heed_attention_args *a, const char *what)
{
    static struct bounded want_o[ROWS * V_DIM], want_lse[ROWS];

    reference_attention(a, want_o, want_lse, NULL);
    attend(a);
    for (size_t i = 0; i < a->q_rows * V_DIM; i++)
        cr_assert(bounded_accepts(want_o[i], (&o[0][0])[i]), "%s: row %zu of %s is %g, not %g",
                  what, i / V_DIM, heed_isa_name(a->isa), (double)(&o[0][0])[i], want_o[i].value);
    for (size_t r = 0; r < a->q_rows; r++)
        cr_assert(bounded_accepts(want_lse[r], lse[r]), "%s: lse %zu of %s is %g, not %g", what, r,
                  heed_isa_name(a->isa), (double)lse[r], want_lse[r].value);
}

static const size_t places[] = {0, 1, 5, 62, 63, 64, 65, 100, 127, 128, 138, 139};
static const float poisons[] = {NAN, INFINITY, -INFINITY};

/* A NaN of blank memory: its bits, looked at as numbers, are the largest of all. */
static float full_nan(void)
{
    const uint32_t bits = 0xffffffff;
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Rows before the poisoned key keep every bit; the others are what the formula says. */
static void expect_contained(const heed_attention_args *a, size_t place, const char *what)
{
    expect_reference(a, what);
    cr_assert_arr_eq(o, clean_o, place * sizeof o[0], "%s at %zu leaked on %s", what, place,
                     heed_isa_name(a->isa));
    cr_assert_arr_eq(lse, clean_lse, place * sizeof lse[0]);
}

ISA_TEST(special, poisoned_keys)
{
    const heed_attention_args a = problem(isa);

    attend_clean(&a);
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        float *poisoned = &k[places[p]][places[p] % QK_DIM];
        const float good = *poisoned;

        *poisoned = NAN;
        expect_contained(&a, places[p], "NaN key");
        *poisoned = full_nan();
        expect_contained(&a, places[p], "NaN key of all bits");
        *poisoned = -INFINITY; /* a score of -inf: this key weighs nothing */
        if (places[p] > 0)
            expect_contained(&a, places[p], "-inf key");
        *poisoned = good;
    }
}

ISA_TEST(special, poisoned_values)
{
    const heed_attention_args a = problem(isa);

    attend_clean(&a);
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        for (size_t n = 0; n < sizeof poisons / sizeof *poisons; n++) {
            float *poisoned = &v[places[p]][places[p] % V_DIM];
            const float good = *poisoned;

            *poisoned = poisons[n];
            expect_contained(&a, places[p], "poisoned value");
            *poisoned = good;
        }
    }
}

/* Keys that no row sees may hold anything, bits and speed stay the same. */
ISA_TEST(special, everything_masked_is_poisoned)
{
    heed_attention_args a = problem(isa);

    a.mask = HEED_MASK_CAUSAL_FROM;
    a.q_rows = 7;
    for (size_t p = 0; p + a.q_rows < ROWS; p++) {
        const size_t seen = p + a.q_rows;

        problem(isa);
        a.q_position = (ptrdiff_t)p;
        attend_clean(&a);
        for (size_t n = 0; n < sizeof poisons / sizeof *poisons; n++) {
            for (size_t j = seen; j < ROWS; j++) {
                for (size_t d = 0; d < QK_DIM; d++)
                    k[j][d] = poisons[n];
                for (size_t d = 0; d < V_DIM; d++)
                    v[j][d] = poisons[n];
            }
            attend(&a);
            cr_assert_arr_eq(o, clean_o, sizeof o, "%zu keys seen on %s", seen, heed_isa_name(isa));
            cr_assert_arr_eq(lse, clean_lse, sizeof lse);
        }
    }
}

ISA_TEST(special, poisoned_query_spoils_its_row_alone)
{
    const heed_attention_args a = problem(isa);

    attend_clean(&a);
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        const size_t r = places[p];
        const float good = q[r][3];

        q[r][3] = p % 2 ? NAN : full_nan();
        attend(&a);
        for (size_t d = 0; d < V_DIM; d++)
            cr_expect(isnan(o[r][d]));
        cr_expect(isnan(lse[r]));
        memcpy(o[r], clean_o[r], sizeof o[r]);
        lse[r] = clean_lse[r];
        cr_assert_arr_eq(o, clean_o, sizeof o, "row %zu on %s", r, heed_isa_name(isa));
        cr_assert_arr_eq(lse, clean_lse, sizeof lse);
        q[r][3] = good;
    }
}

/* Zeros, not merely small numbers, and -inf. */
ISA_TEST(special, rows_that_see_no_key)
{
    static const ptrdiff_t positions[] = {-1, -3, -ROWS, -ROWS - 1, PTRDIFF_MIN};
    heed_attention_args a = problem(isa);

    for (size_t p = 0; p < sizeof positions / sizeof *positions; p++) {
        const size_t blind = positions[p] < -ROWS ? ROWS : (size_t)-positions[p];

        a.mask = HEED_MASK_CAUSAL_FROM;
        a.q_position = positions[p];
        expect_reference(&a, "blind rows");
        for (size_t r = 0; r < blind; r++) {
            cr_expect_eq(lse[r], -INFINITY);
            for (size_t d = 0; d < V_DIM; d++)
                cr_expect(o[r][d] == 0.0f && !signbit(o[r][d]));
        }
    }
    a.q_position = PTRDIFF_MAX;
    expect_reference(&a, "every key seen");
    a.mask = HEED_MASK_CAUSAL; /* more rows than keys: the first see none */
    a.kv_rows = 30;
    expect_reference(&a, "more rows than keys");
}

/* Scores from -1e30 to 1e30: the largest wins alone, nothing overflows. */
ISA_TEST(special, huge_scores)
{
    heed_attention_args a = problem(isa);

    a.mask = HEED_MASK_NONE;
    a.scale = 1.0f;
    for (size_t r = 0; r < ROWS; r++) {
        for (size_t d = 0; d < QK_DIM; d++) {
            q[r][d] = d ? 0.0f : r % 2 ? 1e15f : -1e15f;
            k[r][d] = d ? 0.0f : ((float)((r * 37) % ROWS) - 70.0f) / 70.0f * 1e15f;
        }
    }
    attend(&a);
    for (size_t r = 0; r < ROWS; r++) {
        size_t winner = 0;

        for (size_t j = 1; j < ROWS; j++)
            if (q[r][0] * k[j][0] > q[r][0] * k[winner][0])
                winner = j;
        cr_assert_arr_eq(o[r], v[winner], sizeof o[r], "row %zu on %s", r, heed_isa_name(isa));
        /* scale, log2 e and ln 2: a few roundings */
        cr_expect_float_eq(lse[r] / (q[r][0] * k[winner][0]), 1.0f, 1e-6f);
    }
}

/* One score per row towers over the others, at each place a block has. */
ISA_TEST(special, one_spike_per_row)
{
    heed_attention_args a = problem(isa);

    a.mask = HEED_MASK_NONE;
    for (size_t r = 0; r < ROWS; r++) {
        memset(q[r], 0, sizeof q[r]);
        memset(k[r], 0, sizeof k[r]);
        q[r][r % QK_DIM] = 1000.0f;
        k[r][r % QK_DIM] = r < QK_DIM ? 10.0f : 0.001f * (float)r;
    }
    expect_reference(&a, "spikes");
}

/* Peaky scores: most weights would be denormal. */
ISA_TEST(special, peaky_scores)
{
    heed_attention_args a = problem(isa);

    for (size_t r = 0; r < ROWS; r++)
        for (size_t d = 0; d < QK_DIM; d++)
            q[r][d] *= 60.0f;
    expect_reference(&a, "peaky");
}
