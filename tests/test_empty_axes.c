/* SPDX-License-Identifier: MIT */
/*
 * test_empty_axes.c - with any of its sizes 0, alone or together, an operation writes every number
 * that its outputs then have, the empty sum or product that the formula gives, and nothing else.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "isa_test.h"
#include "reference.h"
#include "sample_views.h"

enum { MOST_SIZES = 7, OUTPUTS = 3 };

/* What the outputs of a call shall hold, dense, in their order. */
struct wanted {
    struct bounded output[OUTPUTS][SAMPLE_OUTPUT];
};

static struct wanted want;

/* The sizes of an operation, and what becomes of its outputs. */
struct empty_case {
    const char *name;
    void (*compute)(const union sample *s);
    size_t sizes[MOST_SIZES], count;
};

static void attention(const union sample *s)
{
    reference_attention(&s->attention, want.output[0], want.output[1], want.output[2]);
}

static void scores(const union sample *s)
{
    reference_scores(&s->scores, want.output[0]);
}

static void weighted_sum(const union sample *s)
{
    reference_weighted_sum(&s->weighted_sum, want.output[0]);
}

static void linear(const union sample *s)
{
    reference_linear(&s->linear, want.output[0]);
}

static void exp_rows(const union sample *s)
{
    reference_exp(&s->rows, want.output[0]);
}

static void softmax(const union sample *s)
{
    reference_softmax(&s->rows, want.output[0]);
}

static void normalize(const union sample *s)
{
    reference_normalize(&s->rows, want.output[0]);
}

static void self_attention(const union sample *s)
{
    reference_self_attention(&s->self_attention, want.output[0]);
}

static void merge(const union sample *s)
{
    reference_merge(&s->merge, want.output[0], want.output[1]);
}

static void rope(const union sample *s)
{
    reference_rope(&s->rope, want.output[0]);
}

static void backward(const union sample *s)
{
    const struct reference_gradients to = {want.output[0], want.output[1], want.output[2], NULL,
                                           NULL};

    reference_backward(&s->backward, &to);
}

/* Where there are no numbers, the scale of each row is 0; where there are, no row is left. */
static void quantize(const union sample *s)
{
    (void)s;
}

#define AT(type, member) offsetof(heed_##type##_args, member)
#define EMPTY(name, compute, ...)                                                                  \
    {                                                                                              \
#name, compute, {__VA_ARGS__ }, sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t)           \
    }

static const struct empty_case cases[] = {
    EMPTY(attention, attention, AT(attention, batch), AT(attention, q_heads),
          AT(attention, kv_heads), AT(attention, q_rows), AT(attention, kv_rows),
          AT(attention, qk_dim), AT(attention, v_dim)),
    EMPTY(scores, scores, AT(scores, batch), AT(scores, q_heads), AT(scores, kv_heads),
          AT(scores, q_rows), AT(scores, kv_rows), AT(scores, qk_dim)),
    EMPTY(weighted_sum, weighted_sum, AT(weighted_sum, batch), AT(weighted_sum, q_heads),
          AT(weighted_sum, kv_heads), AT(weighted_sum, q_rows), AT(weighted_sum, kv_rows),
          AT(weighted_sum, v_dim)),
    EMPTY(linear, linear, AT(linear, batch), AT(linear, rows), AT(linear, in_dim),
          AT(linear, out_dim)),
    EMPTY(exp, exp_rows, AT(rows, rows), AT(rows, cols)),
    EMPTY(softmax, softmax, AT(rows, rows), AT(rows, cols)),
    EMPTY(normalize, normalize, AT(rows, rows), AT(rows, cols)),
    EMPTY(self_attention, self_attention, AT(self_attention, batch), AT(self_attention, rows),
          AT(self_attention, model_dim), AT(self_attention, q_heads), AT(self_attention, kv_heads),
          AT(self_attention, qk_dim), AT(self_attention, v_dim)),
    EMPTY(merge, merge, AT(merge, batch), AT(merge, heads), AT(merge, rows), AT(merge, v_dim),
          AT(merge, part_count)),
    EMPTY(rope, rope, AT(rope, batch), AT(rope, heads), AT(rope, rows), AT(rope, dim)),
    EMPTY(attention_backward, backward, AT(attention_backward, batch),
          AT(attention_backward, q_heads), AT(attention_backward, kv_heads),
          AT(attention_backward, q_rows), AT(attention_backward, kv_rows),
          AT(attention_backward, qk_dim), AT(attention_backward, v_dim)),
    EMPTY(quantize, quantize, AT(quantize, batch), AT(quantize, heads), AT(quantize, rows),
          AT(quantize, dim)),
    EMPTY(dequantize, quantize, AT(dequantize, batch), AT(dequantize, heads), AT(dequantize, rows),
          AT(dequantize, dim)),
};

static const struct operation *find(const char *name)
{
    size_t i = 0;

    while (operation_at(i) && strcmp(operation_at(i)->name, name))
        i++;
    return operation_at(i);
}

/* What the samples leave open, or what only sizes that are not 0 go with. */
static void adapt(const struct empty_case *empty, union sample *s, bool sinks)
{
    static const float some_sinks[] = {0.5f, -1.0f, 2.0f, -3.0f};

    if (!strcmp(empty->name, "self_attention")) { /* all strides 0 would be another order */
        heed_self_attention_args *a = &s->self_attention;

        a->o.row_stride = (ptrdiff_t)a->v_dim;
        a->o.head_stride = (ptrdiff_t)(a->rows * a->v_dim);
        a->o.batch_stride = (ptrdiff_t)(a->q_heads * a->rows * a->v_dim);
    }
    if (!strcmp(empty->name, "rope") && !s->rope.dim)
        s->rope.rotary_dim = 0;
    if (!strcmp(empty->name, "attention")) {
        s->attention.kv_rows = s->attention.kv_rows ? 9 : 0;
        s->attention.scores.data = sample_output + SAMPLE_OUTPUT / 4 * 3;
        s->attention.scores_are = HEED_SCORES_WEIGHTS;
    }
    if (sinks && !strcmp(empty->name, "attention"))
        s->attention.sinks = some_sinks;
    if (sinks && !strcmp(empty->name, "attention_backward"))
        s->backward.sinks = some_sinks;
}

struct heads {
    size_t q, kv;
};

static struct heads heads_of(const struct empty_case *empty, const union sample *s)
{
    static const char *const alike[] = {"attention", "scores", "weighted_sum",
                                        "attention_backward"};

    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++)
        if (!strcmp(empty->name, alike[i]))
            return (struct heads){s->attention.q_heads, s->attention.kv_heads};
    if (!strcmp(empty->name, "self_attention"))
        return (struct heads){s->self_attention.q_heads, s->self_attention.kv_heads};
    return (struct heads){1, 1};
}

static void expect_output(const struct empty_case *empty, unsigned zero, size_t index,
                          const struct sample_view *view)
{
    const struct shape n = view->shape;
    float *got = (float *)(uintptr_t)sample_view_get(view).data;

    for (size_t i = 0; i < n.batch * n.heads * n.rows * n.dim; i++) {
        cr_assert(bounded_accepts(want.output[index][i], got[i]),
                  "%s, sizes %#x: %s[%zu] is %g, not %g", empty->name, zero, view->name, i,
                  (double)got[i], want.output[index][i].value);
        memset(&got[i], 0xff, sizeof got[i]);
    }
}

static void expect_written(const struct empty_case *empty, unsigned zero, union sample *s)
{
    struct sample_view views[SAMPLE_VIEWS];
    const struct operation *operation = find(empty->name);
    const size_t count = sample_views(operation, s, views);
    char reason[160] = "";
    size_t outputs = 0;

    memset(&want, 0, sizeof want);
    if (heads_of(empty, s).kv) /* else there are no outputs either */
        empty->compute(s);
    sample_blank_output();
    cr_assert_eq(operation->check(s, reason, sizeof reason), HEED_OK, "%s, sizes %#x: %s",
                 empty->name, zero, reason);
    cr_assert_eq(operation->call(s), HEED_OK, "%s, sizes %#x", empty->name, zero);
    for (size_t v = 0; v < count; v++)
        if (views[v].written)
            expect_output(empty, zero, outputs++, &views[v]);
    cr_expect(sample_output_is_blank(), "%s, sizes %#x: wrote beside its outputs", empty->name,
              zero);
}

/* Sizes whose bit is set in `zero` are 0. */
static void expect_right(const struct empty_case *empty, unsigned zero, bool sinks,
                         const heed_isa *isa)
{
    union sample s = sample_of(find(empty->name), isa);

    for (size_t i = 0; i < empty->count; i++)
        if (zero >> i & 1)
            memset((char *)&s + empty->sizes[i], 0, sizeof(size_t));
    adapt(empty, &s, sinks);
    if (heads_of(empty, &s).q && !heads_of(empty, &s).kv)
        cr_expect_eq(find(empty->name)->call(&s), HEED_INVALID_ARGUMENT, "%s", empty->name);
    else
        expect_written(empty, zero, &s);
}

ISA_TEST(empty_axes, every_output_is_written)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (unsigned zero = 1; zero < 1u << cases[i].count; zero++)
            for (int sinks = 0; sinks < 2; sinks++)
                expect_right(&cases[i], zero, sinks, isa);
}
