/* SPDX-License-Identifier: MIT */
/*
 * test_backward.c - NaN, infinities, blind rows and large scores in the backward pass:
 * what is hidden never touches a gradient, what is visible propagates.
 */
#include <math.h>
#include <string.h>

#include "backward_problem.h"
#include "isa_test.h"
#include "reference.h"

static void expect_numbers(const float *numbers, const struct bounded *want, size_t count,
                           const char *name, const char *what)
{
    for (size_t i = 0; i < count; i++)
        cr_assert(bounded_accepts(want[i], numbers[i]), "%s: %s[%zu] is %g, not %g within %g", what,
                  name, i, (double)numbers[i], want[i].value, want[i].error);
}

static void expect_reference(const heed_attention_backward_args *a, const char *what)
{
    static struct bounded d_q[HEADS * ROWS * QK_DIM], d_k[KEYS * QK_DIM], d_v[KEYS * V_DIM];

    reference_backward(a, &(struct reference_gradients){d_q, d_k, d_v, NULL, NULL});
    differentiate(a);
    expect_numbers(got.d_q[0][0], d_q, HEADS * a->q_rows * QK_DIM, "d_q", what);
    expect_numbers(got.d_k[0], d_k, a->kv_rows * QK_DIM, "d_k", what);
    expect_numbers(got.d_v[0], d_v, a->kv_rows * V_DIM, "d_v", what);
}

static const size_t places[] = {0, 1, 63, 64, 65, 95, 96, 97, 128, 191, 199};
static const float poisons[] = {NAN, INFINITY, -INFINITY};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* Rows before the first that sees key `key` keep every bit of their gradient. */
static void expect_key_contained(const heed_attention_backward_args *a, size_t key)
{
    const size_t hidden = key > KEYS - ROWS ? key - (KEYS - ROWS) : 0;

    differentiate(a);
    for (size_t h = 0; h < HEADS; h++)
        cr_assert_arr_eq(got.d_q[h], clean.d_q[h], hidden * sizeof clean.d_q[h][0],
                         "key %zu leaked into head %zu", key, h);
}

ISA_TEST(backward, hidden_keys_do_not_matter)
{
    const heed_attention_backward_args a = problem(isa);

    differentiate(&a);
    clean = got;
    for (size_t p = 0; p < LENGTH(places); p++)
        for (size_t n = 0; n < LENGTH(poisons); n++) {
            float *const poisoned[] = {&k[places[p]][places[p] % QK_DIM],
                                       &v[places[p]][places[p] % V_DIM]};

            for (size_t i = 0; i < LENGTH(poisoned); i++) {
                const float good = *poisoned[i];

                *poisoned[i] = poisons[n];
                expect_key_contained(&a, places[p]);
                *poisoned[i] = good;
            }
        }
}

/* Keys after the last that row `row` sees keep every bit; its own gradient is NaN. */
static void expect_row_contained(const heed_attention_backward_args *a, size_t row)
{
    const size_t seen = row + KEYS - ROWS + 1;

    differentiate(a);
    cr_expect(isnan(got.d_q[1][row][0]) && isnan(got.d_k[0][0]), "row %zu passed unnoticed", row);
    cr_assert_arr_eq(got.d_k[seen], clean.d_k[seen], (KEYS - seen) * sizeof clean.d_k[0],
                     "row %zu leaked into d_k", row);
    cr_assert_arr_eq(got.d_v[seen], clean.d_v[seen], (KEYS - seen) * sizeof clean.d_v[0],
                     "row %zu leaked into d_v", row);
    memcpy(got.d_q[1][row], clean.d_q[1][row], sizeof clean.d_q[1][row]);
    cr_assert_arr_eq(got.d_q, clean.d_q, sizeof clean.d_q, "row %zu leaked into others", row);
}

ISA_TEST(backward, rows_do_not_touch_what_they_do_not_see)
{
    const heed_attention_backward_args a = problem(isa);

    differentiate(&a);
    clean = got;
    for (size_t p = 0; p < LENGTH(places); p++) {
        const size_t row = places[p];
        float *const poisoned[] = {&q[1][row][2], &d_o[1][row][3]};

        for (size_t i = 0; i < LENGTH(poisoned); i++) {
            const float good = *poisoned[i];

            *poisoned[i] = NAN;
            expect_row_contained(&a, row);
            *poisoned[i] = good;
        }
    }
}

/* lse -inf: whatever the row holds, and whatever it sees, counts for nothing. */
ISA_TEST(backward, blind_rows_count_for_nothing)
{
    heed_attention_backward_args a = problem(isa);

    for (size_t p = 0; p < LENGTH(places); p++) {
        const size_t row = places[p];

        lse[p % HEADS][row] = -INFINITY;
        q[p % HEADS][row][1] = poisons[p % 3];
        d_o[p % HEADS][row][2] = poisons[(p + 1) % 3];
        o[p % HEADS][row][4] = NAN;
    }
    expect_reference(&a, "blind rows");
    for (size_t p = 0; p < LENGTH(places); p++)
        for (size_t d = 0; d < QK_DIM; d++)
            cr_expect(got.d_q[p % HEADS][places[p]][d] == 0.0f);

    /* Keys of -inf against queries above 0: no row sees more, and none is NaN. */
    a = problem(isa);
    for (size_t i = 0; i < HEADS * ROWS; i++)
        q[i / ROWS][i % ROWS][0] = 1.0f;
    for (size_t j = 0; j < KEYS; j++)
        k[j][0] = -INFINITY;
    forward(&a);
    differentiate(&a);
    for (size_t i = 0; i < sizeof got / sizeof(float); i++) {
        float number;

        memcpy(&number, (const char *)&got + i * sizeof number, sizeof number);
        cr_assert_eq(number, 0.0f, "number %zu", i);
    }
}

ISA_TEST(backward, more_rows_than_keys)
{
    heed_attention_backward_args a = problem(isa);

    a.kv_rows = 30;
    forward(&a);
    expect_reference(&a, "causal");
    a.mask = HEED_MASK_CAUSAL_FROM;
    for (ptrdiff_t position = -ROWS - 1; position < 40; position += 37) {
        a.q_position = position;
        forward(&a);
        expect_reference(&a, "causal from");
    }
    a.q_position = PTRDIFF_MIN;
    expect_reference(&a, "nothing seen");
    a.q_position = PTRDIFF_MAX;
    forward(&a);
    expect_reference(&a, "everything seen");
}

/* Scores of 1e30: the weights are those of attention, one key each, and nothing overflows. */
ISA_TEST(backward, huge_scores)
{
    heed_attention_backward_args a = problem(isa);

    a.mask = HEED_MASK_NONE;
    a.scale = 0.7f;
    for (size_t i = 0; i < HEADS * ROWS; i++)
        for (size_t d = 0; d < QK_DIM; d++)
            q[i / ROWS][i % ROWS][d] = d == i % QK_DIM ? 1e15f : 0.0f;
    for (size_t j = 0; j < KEYS; j++)
        for (size_t d = 0; d < QK_DIM; d++)
            k[j][d] = j == d ? 1.1e15f : 0.0f;
    forward(&a);
    differentiate(&a);
    for (size_t j = 0; j < KEYS; j++)
        for (size_t d = 0; d < V_DIM; d++) {
            double want = 0, size = 0;
            size_t count = 0;

            for (size_t i = j; i < HEADS * ROWS && j < QK_DIM; i += QK_DIM, count++) {
                want += (double)d_o[i / ROWS][i % ROWS][d];
                size += fabs((double)d_o[i / ROWS][i % ROWS][d]);
            }
            cr_assert(fabs((double)got.d_v[j][d] - want) <= (double)count * 0x1p-24 * size,
                      "d_v[%zu][%zu] is %g, not %g", j, d, (double)got.d_v[j][d], want);
        }
}
