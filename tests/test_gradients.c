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
    heed_mask mask;
    ptrdiff_t q_position;
};

enum { INPUTS = sizeof(struct inputs) / sizeof(struct bounded) };

static void draw(struct bounded *x, size_t count, struct random *random)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (struct bounded){(double)random_float(random, -1.0f, 1.0f), 0};
}

static void attend(const struct problem *p, size_t head, struct bounded *o, struct bounded *lse)
{
    const heed_attention_args rules = {.q_heads = HEADS,
                                       .kv_heads = 1,
                                       .q_rows = ROWS,
                                       .kv_rows = KEYS,
                                       .mask = p->mask,
                                       .q_position = p->q_position};
    const struct head h = {.q = p->x.q[head],
                           .k = p->x.k,
                           .v = p->x.v,
                           .q_rows = ROWS,
                           .kv_rows = KEYS,
                           .qk_dim = QK_DIM,
                           .v_dim = V_DIM,
                           .scale = p->scale,
                           .rules = &rules,
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
 * The derivative by one input, from four points (Abramowitz & Stegun 25.3.6): off by
 * h^4/30 times the fifth derivative.
 */
static double difference(struct problem *p, double *input)
{
    const double h = 0x1p-9, at = *input;
    double change[2];

    for (int i = 0; i < 2; i++) {
        *input = at + (i + 1) * h;
        change[i] = loss(p);
        *input = at - (i + 1) * h;
        change[i] -= loss(p);
    }
    *input = at;
    return (8 * change[0] - change[1]) / (12 * h);
}

static struct inputs gradients_of(const struct problem *p)
{
    struct inputs d = {0};

    for (size_t head = 0; head < HEADS; head++) {
        struct bounded o[ROWS * V_DIM], lse[ROWS];
        const struct gradients to = {d.q[head], d.k, d.v};
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
                                        .mask = p->mask,
                                        .q_position = p->q_position};

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
 */
static const double tolerance = 2.2e-8;

static void expect_gradients(struct problem *p, const char *what)
{
    const struct inputs want = gradients_of(p);
    const struct bounded *gradient = (const struct bounded *)&want;
    struct bounded *input = (struct bounded *)&p->x;
    size_t large = 0;

    for (size_t i = 0; i < INPUTS; i++) {
        const double got = difference(p, &input[i].value);

        cr_expect(fabs(gradient[i].value - got) <= tolerance, "%s: input %zu: %.12g, not %.12g",
                  what, i, gradient[i].value, got);
        large += fabs(got) > 1e3 * tolerance;
    }
    cr_expect_gt(large, INPUTS / 4, "%s: nearly all gradients vanish", what);
}

Test(gradients, are_limits_of_differences)
{
    static const struct {
        const char *what;
        heed_mask mask;
        ptrdiff_t q_position;
        double scale;
    } cases[] = {
        {"no mask", HEED_MASK_NONE, 0, 0.6},
        {"negative scale", HEED_MASK_NONE, 0, -1},
        {"causal", HEED_MASK_CAUSAL, 0, 0.6},
        {"two rows that see nothing", HEED_MASK_CAUSAL_FROM, -2, 0.6},
        {"keys that nobody sees", HEED_MASK_CAUSAL_FROM, 1, 1},
        {"all seen", HEED_MASK_CAUSAL_FROM, KEYS, 0.6},
    };
    struct random random = {1};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct problem p = {
            .scale = cases[i].scale, .mask = cases[i].mask, .q_position = cases[i].q_position};

        draw((struct bounded *)&p.x, INPUTS, &random);
        draw((struct bounded *)&p.d_o, HEADS * ROWS * V_DIM, &random);
        expect_gradients(&p, cases[i].what);
    }
}
