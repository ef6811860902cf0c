/* SPDX-License-Identifier: MIT */
/*
 * test_empty_gradients.c - d_bias and d_sinks where sizes are 0: d_bias has one number along an
 * axis of stride 0, whose sum has no terms then and is 0.
 */
#include <math.h>
#include <string.h>

#include "bounds.h"
#include "isa_test.h"
#include "reference.h"
#include "samples.h"

enum { AXES = 4, SIZES = 7, HEADS = 4, ROWS = 5, KEYS = 6, MOST = 2 * HEADS * ROWS * KEYS };

static struct bounded d_q[SAMPLE_OUTPUT], d_k[SAMPLE_OUTPUT], d_v[SAMPLE_OUTPUT];
static struct bounded d_scores[MOST], d_sinks[HEADS];
static float got_bias[MOST], got_sinks[HEADS];

/* What meets in one number of d_bias. */
struct sum {
    double value, error, size;
    size_t terms;
    bool is_there;
};

struct problem {
    heed_attention_backward_args args;
    unsigned zero_sizes, zero_strides;
};

/* Sizes and strides whose bits are set are 0; strides else are those of the sizes that are not. */
static struct problem problem_of(const struct operation *operation, const heed_isa *isa,
                                 unsigned sizes, unsigned strides)
{
    static const float sinks[HEADS] = {0.5f, -1.0f, 2.0f, -3.0f};
    struct problem p = {sample_of(operation, isa).backward, sizes, strides};
    heed_attention_backward_args *a = &p.args;

    a->kv_rows = KEYS;
    size_t *const size[SIZES] = {&a->batch,   &a->q_heads, &a->kv_heads, &a->q_rows,
                                 &a->kv_rows, &a->qk_dim,  &a->v_dim};
    a->sinks = sinks;
    a->d_sinks = got_sinks;
    a->d_bias = (heed_score_output){got_bias, HEED_F32, HEADS * ROWS * KEYS, ROWS * KEYS, KEYS, 1};
    ptrdiff_t *const stride[AXES] = {&a->d_bias.batch_stride, &a->d_bias.head_stride,
                                     &a->d_bias.row_stride, &a->d_bias.key_stride};

    for (size_t i = 0; i < SIZES; i++)
        if (sizes >> i & 1)
            *size[i] = 0;
    for (size_t i = 0; i < AXES; i++)
        if (strides >> i & 1)
            *stride[i] = 0;
    return p;
}

static size_t extent(size_t size, ptrdiff_t stride)
{
    return stride ? size : 1;
}

static size_t place(const heed_score_output *v, size_t b, size_t h, size_t r, size_t j)
{
    return (size_t)((ptrdiff_t)b * v->batch_stride + (ptrdiff_t)h * v->head_stride +
                    (ptrdiff_t)r * v->row_stride + (ptrdiff_t)j * v->key_stride);
}

static void mark(const heed_attention_backward_args *a, struct sum sums[MOST])
{
    const heed_score_output *v = &a->d_bias;

    for (size_t b = 0; b < extent(a->batch, v->batch_stride); b++)
        for (size_t h = 0; h < extent(a->q_heads, v->head_stride); h++)
            for (size_t r = 0; r < extent(a->q_rows, v->row_stride); r++)
                for (size_t j = 0; j < extent(a->kv_rows, v->key_stride); j++)
                    sums[place(v, b, h, r, j)].is_there = true;
}

static void add(const heed_attention_backward_args *a, struct sum sums[MOST])
{
    const struct bounded *x = d_scores;

    for (size_t b = 0; b < a->batch; b++)
        for (size_t h = 0; h < a->q_heads; h++)
            for (size_t r = 0; r < a->q_rows; r++)
                for (size_t j = 0; j < a->kv_rows; j++, x++) {
                    struct sum *sum = &sums[place(&a->d_bias, b, h, r, j)];

                    sum->value += x->value;
                    sum->error += x->error;
                    sum->size += fabs(x->value) + x->error;
                    sum->terms++;
                }
}

/* n roundings are off by at most n u / (1 - n u) of the sizes (Higham, section 3.1). */
static struct bounded bound_of(const struct sum *sum)
{
    const double rounds = (double)sum->terms * UNIT_ROUNDOFF;

    return (struct bounded){sum->value, sum->error + rounds / (1 - rounds) * sum->size};
}

static void expect_bias(const struct problem *p)
{
    static struct sum sums[MOST];

    memset(sums, 0, sizeof sums);
    mark(&p->args, sums);
    add(&p->args, sums);
    for (size_t i = 0; i < MOST; i++) {
        if (sums[i].is_there)
            cr_assert(bounded_accepts(bound_of(&sums[i]), got_bias[i]),
                      "sizes %#x, strides %#x: d_bias[%zu] is %g, not %g", p->zero_sizes,
                      p->zero_strides, i, (double)got_bias[i], sums[i].value);
        else
            cr_assert(isnan(got_bias[i]), "sizes %#x, strides %#x: wrote d_bias[%zu]",
                      p->zero_sizes, p->zero_strides, i);
    }
}

static void expect_right(const struct problem *p)
{
    const heed_attention_backward_args *a = &p->args;
    const struct reference_gradients to = {d_q, d_k, d_v, d_scores, d_sinks};
    char reason[160] = "";

    memset(got_bias, 0xff, sizeof got_bias);
    memset(got_sinks, 0xff, sizeof got_sinks);
    if (a->kv_heads) /* else there are no query heads, either */
        reference_backward(a, &to);
    cr_assert_eq(heed_attention_backward_check(a, reason, sizeof reason), HEED_OK, "%s", reason);
    cr_assert_eq(heed_attention_backward(a), HEED_OK);
    expect_bias(p);
    for (size_t h = 0; h < a->q_heads; h++)
        cr_assert(bounded_accepts(d_sinks[h], got_sinks[h]),
                  "sizes %#x: d_sinks[%zu] is %g, not %g", p->zero_sizes, h, (double)got_sinks[h],
                  d_sinks[h].value);
}

static const struct operation *backward(void)
{
    size_t i = 0;

    while (strcmp(operation_at(i)->name, "attention_backward"))
        i++;
    return operation_at(i);
}

ISA_TEST(empty_gradients, sums_without_terms_are_zero)
{
    for (unsigned sizes = 0; sizes < 1u << SIZES; sizes++)
        for (unsigned strides = 0; strides < 1u << AXES; strides++) {
            const struct problem p = problem_of(backward(), isa, sizes, strides);

            if (p.args.q_heads && !p.args.kv_heads)
                continue;
            expect_right(&p);
        }
}

/* Nothing else is wanted: no other task that might have run. */
ISA_TEST(empty_gradients, of_the_bias_alone)
{
    for (unsigned sizes = 0; sizes < 1u << SIZES; sizes++)
        for (unsigned strides = 0; strides < 1u << AXES; strides++) {
            struct problem p = problem_of(backward(), isa, sizes, strides);

            if (p.args.q_heads && !p.args.kv_heads)
                continue;
            p.args.d_q.data = p.args.d_k.data = p.args.d_v.data = NULL;
            expect_right(&p);
        }
}

/* Sequences of no rows at all: rows that none has are still rows of d_bias. */
ISA_TEST(empty_gradients, of_empty_sequences)
{
    static const int32_t offsets[] = {0, 0, 0};

    for (unsigned strides = 0; strides < 1u << AXES; strides++) {
        struct problem p = problem_of(backward(), isa, 0, strides);

        p.args.q_offsets = p.args.kv_offsets = offsets;
        expect_right(&p);
    }
}
