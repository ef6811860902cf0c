/* SPDX-License-Identifier: MIT */
/*
 * test_steps.c - "Dream big and work for it", one step of attention at a time,
 * against the figures published and those of double precision.
 */
#include "expect.h"

static heed_scores_args scores_args(const heed_isa *isa, heed_input q, heed_input k, size_t dim,
                                    float *s)
{
    return (heed_scores_args){
        HEED_SIZED(heed_scores_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = TOKENS,
        .kv_rows = TOKENS,
        .qk_dim = dim,
        .q = q,
        .k = k,
        .s = {.data = s},
        .scale = 1.0f,
        .isa = isa,
    };
}

ISA_TEST(example, scores)
{
    float s[TOKENS * TOKENS];
    heed_scores_args a = scores_args(isa, INPUT(embeddings), INPUT(embeddings), DIM, s);

    cr_assert_eq(heed_scores(&a), HEED_OK);
    PUBLISHED(scores, s);
    EXACT(scores, s);

    a = scores_args(isa, INPUT(exact_weighted_query), INPUT(exact_weighted_key), PROJECTED, s);
    cr_assert_eq(heed_scores(&a), HEED_OK);
    PUBLISHED(weighted_scores, s);
    EXACT(weighted_scores, s);
}

static heed_rows_args rows_args(const heed_isa *isa, heed_input x, float *y)
{
    return (heed_rows_args){
        HEED_SIZED(heed_rows_args), .rows = TOKENS, .cols = TOKENS, .x = x,
        .y = {.data = y},           .isa = isa,
    };
}

ISA_TEST(example, softmax)
{
    float w[TOKENS * TOKENS];
    heed_rows_args a = rows_args(isa, INPUT(exact_scores), w);

    cr_assert_eq(heed_softmax(&a), HEED_OK);
    PUBLISHED(softmax_weights, w);
    EXACT(softmax_weights, w);

    float s[TOKENS * TOKENS];
    heed_scores_args scaled =
        scores_args(isa, INPUT(exact_weighted_query), INPUT(exact_weighted_key), PROJECTED, s);
    scaled.scale = 0.0f; /* 1/sqrt(2) */
    a.x.data = s;
    cr_assert_eq(heed_scores(&scaled), HEED_OK);
    cr_assert_eq(heed_softmax(&a), HEED_OK);
    PUBLISHED(weighted_softmax_weights, w);
    EXACT(weighted_softmax_weights, w);
}

/* Softmax in two steps, as the introductory text explains it. */
ISA_TEST(example, exp_then_normalize)
{
    float e[TOKENS * TOKENS], w[TOKENS * TOKENS];
    heed_rows_args a = rows_args(isa, INPUT(exact_scores), e);

    cr_assert_eq(heed_exp(&a), HEED_OK);
    for (size_t i = 0; i < TOKENS * TOKENS; i++)
        cr_expect(fabs((double)e[i] / exp(exact_scores[i]) - 1) <= exact_tolerance);
    a = rows_args(isa, (heed_input){.data = e}, w);
    cr_assert_eq(heed_normalize(&a), HEED_OK);
    EXACT(softmax_weights, w);
}

ISA_TEST(example, normalize)
{
    float w[TOKENS * TOKENS];
    const heed_rows_args a = rows_args(isa, INPUT(exact_scores), w);

    cr_assert_eq(heed_normalize(&a), HEED_OK);
    EXACT(vanilla_weights, w);
}

static heed_weighted_sum_args weighted_sum_args(const heed_isa *isa, heed_input w, heed_input v,
                                                float *o)
{
    return (heed_weighted_sum_args){
        HEED_SIZED(heed_weighted_sum_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = TOKENS,
        .kv_rows = TOKENS,
        .v_dim = DIM,
        .w = w,
        .v = v,
        .o = {.data = o},
        .isa = isa,
    };
}

ISA_TEST(example, weighted_sum)
{
    float o[TOKENS * DIM];
    heed_weighted_sum_args a =
        weighted_sum_args(isa, INPUT(exact_softmax_weights), INPUT(embeddings), o);

    cr_assert_eq(heed_weighted_sum(&a), HEED_OK);
    PUBLISHED(context, o);
    EXACT(context, o);

    a = weighted_sum_args(isa, INPUT(exact_vanilla_weights), INPUT(embeddings), o);
    cr_assert_eq(heed_weighted_sum(&a), HEED_OK);
    EXACT(vanilla_context, o);
}

static void project(const heed_isa *isa, heed_input w, float *y)
{
    const heed_linear_args a = {
        HEED_SIZED(heed_linear_args),
        .batch = 1,
        .rows = TOKENS,
        .in_dim = DIM,
        .out_dim = PROJECTED,
        .x = INPUT(embeddings),
        .w = w,
        .y = {.data = y},
        .isa = isa,
    };

    cr_assert_eq(heed_linear(&a), HEED_OK);
}

ISA_TEST(example, linear)
{
    float y[TOKENS * PROJECTED];

    project(isa, INPUT(Wq), y);
    PUBLISHED(weighted_query, y);
    EXACT(weighted_query, y);
    project(isa, INPUT(Wk), y);
    PUBLISHED(weighted_key, y);
    EXACT(weighted_key, y);
    project(isa, INPUT(Wv), y);
    PUBLISHED(weighted_value, y);
    EXACT(weighted_value, y);
}
