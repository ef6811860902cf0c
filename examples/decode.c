/* SPDX-License-Identifier: MIT */
/*
 * decode.c - token by token with a kept K, against the whole prompt at once.
 *
 * Four query heads share each of two KV heads.  Each step appends the keys of one
 * token to the packed K and lets the token attend to all before it; then one causal call
 * attends for all tokens at once.  Both leave the same bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <heed/heed.h>

enum { TOKENS = 100, Q_HEADS = 8, KV_HEADS = 2, DIM = 64 };

/* [token][head][dim], as a model leaves its projections. */
static float q[TOKENS][Q_HEADS][DIM], k[TOKENS][KV_HEADS][DIM], v[TOKENS][KV_HEADS][DIM];
static float stepwise[TOKENS][Q_HEADS][DIM], at_once[TOKENS][Q_HEADS][DIM];

static void fill(float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)rand() / (float)RAND_MAX - 0.5f;
}

static heed_attention_args attention(size_t first_token, size_t tokens, size_t keys, float *o)
{
    return (heed_attention_args){
        HEED_SIZED(heed_attention_args),
        .batch = 1,
        .q_heads = Q_HEADS,
        .kv_heads = KV_HEADS,
        .q_rows = tokens,
        .kv_rows = keys,
        .qk_dim = DIM,
        .v_dim = DIM,
        .q = {.data = q[first_token], .head_stride = DIM, .row_stride = Q_HEADS * DIM},
        .k = {.data = k, .head_stride = DIM, .row_stride = KV_HEADS * DIM},
        .v = {.data = v, .head_stride = DIM, .row_stride = KV_HEADS * DIM},
        .o = {.data = o, .head_stride = DIM, .row_stride = Q_HEADS * DIM},
        .mask = HEED_MASK_CAUSAL, /* the last row sees every key */
    };
}

static heed_status decode(heed_pack_k_args *keys)
{
    for (size_t t = 0; t < TOKENS; t++) {
        keys->first_row = t;
        keys->rows = 1;
        keys->k = (heed_input){.data = k[t], .head_stride = DIM, .row_stride = KV_HEADS * DIM};

        heed_status status = heed_pack_k(keys);
        if (status != HEED_OK)
            return status;

        heed_attention_args step = attention(t, 1, t + 1, stepwise[t][0]);
        step.packed_k = keys->packed;
        step.packed_k_size = keys->packed_size;
        status = heed_attention(&step);
        if (status != HEED_OK)
            return status;
    }
    return HEED_OK;
}

int main(void)
{
    heed_pack_k_args keys = {
        HEED_SIZED(heed_pack_k_args), .batch = 1, .kv_heads = KV_HEADS, .qk_dim = DIM,
        .capacity = TOKENS,
    };
    const heed_attention_args prompt = attention(0, TOKENS, TOKENS, at_once[0][0]);

    fill(q[0][0], sizeof q / sizeof(float));
    fill(k[0][0], sizeof k / sizeof(float));
    fill(v[0][0], sizeof v / sizeof(float));
    if (heed_pack_k_size(&keys, &keys.packed_size) != HEED_OK)
        return 1;
    keys.packed = malloc(keys.packed_size);
    if (!keys.packed || decode(&keys) != HEED_OK || heed_attention(&prompt) != HEED_OK)
        return 1;

    const int same = !memcmp(stepwise, at_once, sizeof stepwise);
    printf("%d tokens on %s: one by one and all at once, %s bytes\n", TOKENS,
           heed_isa_name(heed_isa_default()), same ? "the same" : "different");
    free(keys.packed);
    return !same;
}
