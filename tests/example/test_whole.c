/* SPDX-License-Identifier: MIT */
/* test_whole.c - "Dream big and work for it" through whole attention. */
#include "expect.h"

static heed_attention_args attention_args(const heed_isa *isa, size_t dim, float *o)
{
    return (heed_attention_args){
        HEED_SIZED(heed_attention_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = TOKENS,
        .kv_rows = TOKENS,
        .qk_dim = dim,
        .v_dim = dim,
        .o = {.data = o},
        .isa = isa,
    };
}

ISA_TEST(example, attention)
{
    float o[TOKENS * DIM];
    heed_attention_args a = attention_args(isa, DIM, o);

    a.q = a.k = a.v = INPUT(embeddings);
    a.scale = 1.0f;
    cr_assert_eq(heed_attention(&a), HEED_OK);
    PUBLISHED(context, o);
    EXACT(context, o);
}

ISA_TEST(example, attention_of_projections)
{
    float o[TOKENS * PROJECTED];
    heed_attention_args a = attention_args(isa, PROJECTED, o);

    a.q = INPUT(exact_weighted_query);
    a.k = INPUT(exact_weighted_key);
    a.v = INPUT(exact_weighted_value);
    cr_assert_eq(heed_attention(&a), HEED_OK);
    PUBLISHED(weighted_context, o);
    EXACT(weighted_context, o);
}

ISA_TEST(example, self_attention)
{
    float o[TOKENS * PROJECTED];
    const heed_self_attention_args a = {
        HEED_SIZED(heed_self_attention_args),
        .batch = 1,
        .rows = TOKENS,
        .model_dim = DIM,
        .q_heads = 1,
        .kv_heads = 1,
        .qk_dim = PROJECTED,
        .v_dim = PROJECTED,
        .x = INPUT(embeddings),
        .wq = INPUT(Wq),
        .wk = INPUT(Wk),
        .wv = INPUT(Wv),
        .o = {.data = o},
        .isa = isa,
    };

    cr_assert_eq(heed_self_attention(&a), HEED_OK);
    PUBLISHED(weighted_context, o);
    EXACT(weighted_context, o);
}

/* "Dream big" and "and work for it" apart, then together. */
ISA_TEST(example, merge)
{
    float o[3][TOKENS * DIM], lse[2][TOKENS];
    heed_attention_args a = attention_args(isa, DIM, o[0]);
    const float *tokens = INPUT(embeddings).data;

    a.q.data = a.k.data = a.v.data = tokens;
    a.scale = 1.0f;
    a.kv_rows = 2;
    a.lse.data = lse[0];
    cr_assert_eq(heed_attention(&a), HEED_OK);
    a.k.data = a.v.data = tokens + (ptrdiff_t)a.kv_rows * DIM;
    a.kv_rows = TOKENS - a.kv_rows;
    a.o.data = o[1];
    a.lse.data = lse[1];
    cr_assert_eq(heed_attention(&a), HEED_OK);

    const heed_part parts[] = {{{.data = o[0]}, {.data = lse[0]}},
                               {{.data = o[1]}, {.data = lse[1]}}};
    const heed_merge_args m = {
        HEED_SIZED(heed_merge_args),
        .batch = 1,
        .heads = 1,
        .rows = TOKENS,
        .v_dim = DIM,
        .parts = parts,
        .part_count = 2,
        .o = {.data = o[2]},
        .isa = isa,
    };
    cr_assert_eq(heed_merge(&m), HEED_OK);
    PUBLISHED(context, o[2]);
    EXACT(context, o[2]);
}
