/* SPDX-License-Identifier: MIT */
/*
 * test_gradients.c - the reference of the backward pass against differences of the
 * reference of attention, both in double: no formula of a derivative is in common.
 */
#include <math.h>

#include <criterion/criterion.h>

#include "gradients.h"
#include "head.h"
#include "random.h"

enum { HEADS = 2, ROWS = 5, KEYS = 7, QK_DIM = 3, V_DIM = 4 };

/* Two query heads that share keys and values. */
struct inputs {
    struct bounded q[HEADS][ROWS * QK_DIM], k[KEYS * QK_DIM], v[KEYS * V_DIM];
};

struct problem {
    struct inputs x;
    struct bounded d_o[HEADS][ROWS * V_DIM];
    double scale;
    heed_attention_args rules;
};

enum { INPUTS = sizeof(struct inputs) / sizeof(struct bounded) };

static void draw(struct bounded *x, size_t count, struct random *random)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (struct bounded){(double)random_float(random, -1.0f, 1.0f), 0};
}

static void attend(const struct problem *p, size_t head, struct bounded *o, struct bounded *lse)
{
    const struct head h = {.q = p->x.q[head],
                           .k = p->x.k,
                           .v = p->x.v,
                           .q_rows = ROWS,
                           .kv_rows = KEYS,
                           .qk_dim = QK_DIM,
                           .v_dim = V_DIM,
                           .scale = p->scale,
                           .rules = &p->rules,
                           .h = head};

    head_attention(&h, o, lse);
}

/* The number whose gradients are asked for. */
static double loss(const struct problem *p)
{
    struct bounded o[ROWS * V_DIM], lse[ROWS];
    double sum = 0;

    for (size_t head = 0; head < HEADS; head++) {
        attend(p, head, o, lse);
        for (size_t i = 0; i < ROWS * V_DIM; i++)
            sum += p->d_o[head][i].value * o[i].value;
    }
    return sum;
}

/*
 * One input, a double or a float.  Steps of 2^-9 are exact in the floats here, which are
 * multiples of 2^-6.
 */
struct input {
    double *exact;
    float *number;
};

static void move(const struct input *input, double by)
{
    if (input->exact)
        *input->exact += by;
    else
        *input->number += (float)by;
}

/*
 * The derivative by one input, from four points (Abramowitz & Stegun 25.3.6): off by
 * h^4/30 times the fifth derivative.
 */
static double difference(const struct problem *p, const struct input *input)
{
    const double h = 0x1p-9, at = input->exact ? *input->exact : 0;
    double change[2];

    for (int i = 0; i < 2; i++) {
        move(input, (i + 1) * h);
        change[i] = loss(p);
        move(input, -2 * (i + 1) * h);
        change[i] -= loss(p);
        move(input, (i + 1) * h);
    }
    if (input->exact)
        *input->exact = at;
    return (8 * change[0] - change[1]) / (12 * h);
}

/* Those of the scores and sinks beside those of the inputs. */
struct outputs {
    struct inputs x;
    struct bounded scores[HEADS][ROWS][KEYS], sinks[HEADS];
};

static struct outputs gradients_of(const struct problem *p)
{
    struct outputs d = {0};

    for (size_t head = 0; head < HEADS; head++) {
        struct bounded o[ROWS * V_DIM], lse[ROWS];
        const struct gradients to = {
            .d_q = d.x.q[head],
            .d_k = d.x.k,
            .d_v = d.x.v,
            .d_scores = d.scores[head][0],
            .d_scores_row = KEYS,
            .d_sink = p->rules.sinks ? &d.sinks[head] : NULL,
        };
        const struct backward_head h = {.q = p->x.q[head],
                                        .k = p->x.k,
                                        .v = p->x.v,
                                        .o = o,
                                        .d_o = p->d_o[head],
                                        .lse = lse,
                                        .q_rows = ROWS,
                                        .kv_rows = KEYS,
                                        .qk_dim = QK_DIM,
                                        .v_dim = V_DIM,
                                        .group = HEADS,
                                        .scale = p->scale,
                                        .rules = &p->rules,
                                        .h = head};

        attend(p, head, o, lse);
        backward_head(&h, &to);
    }
    return d;
}

/*
 * Inputs, scale and d_o up to 1, and so the rates at which an input changes exponents.
 * The fifth derivative of a softmax average of values up to 1 is a joint cumulant of six
 * such numbers, at most the sum over n of S(6, n) (n - 1)! = 1082, Stirling's numbers
 * of the second kind; times ROWS x V_DIM x HEADS = 40 and h^4/30 = 4.9e-13: 2.1e-8.  A
 * loss in double is off by some 1e-14, and that over h is 1e-11.
 *
 * With a softcap of 2 an exponent is 2 tanh(s / 2), whose first five derivatives are at
 * most 1.  By the formula of Faa di Bruno the fifth of the whole is at most the sum over m
 * of S(5, m) times the bound above for the m-th, which is the sum over n of S(m + 1, n)
 * (n - 1)!, or 2, 6, 26, 150 and 1082: 3324 instead of 1082, and 6.5e-8.
 */
static const double tolerance = 2.2e-8, capped_tolerance = 6.6e-8;

static void expect_same(const struct problem *p, const struct input *input, double want,
                        const char *what, size_t i)
{
    const double most = p->rules.softcap != 0.0f ? capped_tolerance : tolerance;
    const double got = difference(p, input);

    cr_expect(fabs(want - got) <= most, "%s: input %zu: %.12g, not %.12g", what, i, want, got);
}

static void expect_gradients(struct problem *p, const char *what)
{
    const struct outputs want = gradients_of(p);
    const struct bounded *gradient = (const struct bounded *)&want.x;
    struct bounded *input = (struct bounded *)&p->x;
    size_t large = 0;

    for (size_t i = 0; i < INPUTS; i++) {
        expect_same(p, &(struct input){.exact = &input[i].value}, gradient[i].value, what, i);
        large += fabs(gradient[i].value) > 1e3 * tolerance;
    }
    cr_expect_gt(large, INPUTS / 4, "%s: nearly all gradients vanish", what);
}

static void draw_inputs(struct problem *p, struct random *random)
{
    draw((struct bounded *)&p->x, INPUTS, random);
    draw((struct bounded *)&p->d_o, HEADS * ROWS * V_DIM, random);
    p->rules.q_heads = HEADS;
    p->rules.kv_heads = 1;
    p->rules.q_rows = ROWS;
    p->rules.kv_rows = KEYS;
}

Test(gradients, are_limits_of_differences)
{
    static const struct {
        const char *what;
        double scale;
        heed_attention_args rules;
    } cases[] = {
        {"no mask", 0.6, {.mask = HEED_MASK_NONE}},
        {"negative scale", -1, {.mask = HEED_MASK_NONE}},
        {"causal", 0.6, {.mask = HEED_MASK_CAUSAL}},
        {"two rows that see nothing", 0.6, {.mask = HEED_MASK_CAUSAL_FROM, .q_position = -2}},
        {"keys that nobody sees", 1, {.mask = HEED_MASK_CAUSAL_FROM, .q_position = 1}},
        {"all seen", 0.6, {.mask = HEED_MASK_CAUSAL_FROM, .q_position = KEYS}},
        {"window", 0.6, {.window_left = 3, .window_right = 2}},
        {"chunks, a prefix", 1, {.mask = HEED_MASK_CAUSAL, .local_chunk = 3, .prefix = 2}},
        {"softcap", 1, {.softcap = 2.0f}},
        {"softcap in a window", -1, {.softcap = 2.0f, .window_left = 4}},
    };
    struct random random = {1};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct problem p = {.scale = cases[i].scale, .rules = cases[i].rules};

        draw_inputs(&p, &random);
        expect_gradients(&p, cases[i].what);
    }
}

/* Multiples of 2^-6 in [-1, 1). */
static void draw_numbers(float *x, size_t count, struct random *random)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (float)random_below(random, 128) / 64.0f - 1.0f;
}

/* The gradient of bias [row][key] of a head, or of both: the sum of those of the scores. */
static void expect_bias_gradients(const struct problem *p, float *bias, bool shared,
                                  const char *what)
{
    const struct outputs d = gradients_of(p);

    for (size_t i = 0; i < (shared ? 1 : HEADS) * ROWS * KEYS; i++) {
        const size_t h = i / (ROWS * KEYS), r = i / KEYS % ROWS, j = i % KEYS;
        const double more = shared ? d.scores[1][r][j].value : 0;

        expect_same(p, &(struct input){.number = &bias[i]}, d.scores[h][r][j].value + more, what,
                    i);
    }
}

Test(gradients, of_biases_and_sinks)
{
    static const float slopes[HEADS] = {0.25f, 0.5f};
    float bias[HEADS * ROWS * KEYS], sinks[HEADS];
    struct random random = {2};

    for (int i = 0; i < 4; i++) {
        const bool shared = i % 2;
        struct problem p = {.scale = 1, .rules = {.mask = HEED_MASK_CAUSAL, .sinks = sinks}};

        p.rules.bias = (heed_score_view){.data = bias,
                                         .head_stride = shared ? 0 : ROWS * KEYS,
                                         .row_stride = KEYS,
                                         .key_stride = 1};
        p.rules.softcap = i > 1 ? 2.0f : 0.0f;
        p.rules.alibi_slopes = i > 1 ? slopes : NULL;
        draw_inputs(&p, &random);
        draw_numbers(bias, sizeof bias / sizeof *bias, &random);
        draw_numbers(sinks, HEADS, &random);
        expect_gradients(&p, "inputs beside a bias");
        expect_bias_gradients(&p, bias, shared, "bias");

        const struct outputs d = gradients_of(&p);
        for (size_t h = 0; h < HEADS; h++)
            expect_same(&p, &(struct input){.number = &sinks[h]}, d.sinks[h].value, "sink", h);
    }
}
