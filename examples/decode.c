/* SPDX-License-Identifier: MIT */
/*
 * decode.c - token by token with a KV cache, against the whole prompt at once.
 *
 * Four query heads share each of two KV heads.  Each step appends the keys and values of one
 * token to a cache of bf16 and lets the token attend to all before it; then one causal call
 * attends for all tokens at once over the full cache.  Both leave the same bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <heed/heed.h>

enum { TOKENS = 100, Q_HEADS = 8, KV_HEADS = 2, DIM = 64 };

/* [token][head][dim], as a model leaves its projections. */
static float q[TOKENS][Q_HEADS][DIM], k[TOKENS][KV_HEADS][DIM], v[TOKENS][KV_HEADS][DIM];
static float stepwise[TOKENS][Q_HEADS][DIM], at_once[TOKENS][Q_HEADS][DIM];

/* Of the cache, which allocates nothing: heed_kv_bytes() says how much it takes.  Memory of
   aligned_alloc(64, bytes), or mapped from a file, would do as well. */
static _Alignas(64) unsigned char memory[1 << 17];

static void fill(float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)rand() / (float)RAND_MAX - 0.5f;
}

static heed_status create(heed_kv *kv)
{
    const heed_kv_create_args args = {
        HEED_SIZED(heed_kv_create_args),
        .batch = 1,
        .kv_heads = KV_HEADS,
        .qk_dim = DIM,
        .v_dim = DIM,
        .capacity = TOKENS,
        .k_dtype = HEED_BF16,
        .v_dtype = HEED_BF16,
        .memory = memory,
        .memory_size = sizeof memory,
        .memory_is_zero = 1,
    };

    return heed_kv_create(&args, kv);
}

static heed_status append(heed_kv *kv, size_t token)
{
    const heed_kv_append_args args = {
        HEED_SIZED(heed_kv_append_args),
        .kv = kv,
        .rows = 1,
        .k = {.data = k[token], .head_stride = DIM, .row_stride = KV_HEADS * DIM},
        .v = {.data = v[token], .head_stride = DIM, .row_stride = KV_HEADS * DIM},
    };

    return heed_kv_append(&args);
}

/* Tokens from `first` on; the last one sees every key of the cache. */
static heed_status attend(const heed_kv *kv, size_t first, size_t tokens, float *o)
{
    const heed_attention_args args = {
        HEED_SIZED(heed_attention_args),
        .q_heads = Q_HEADS,
        .q_rows = tokens,
        .q = {.data = q[first], .head_stride = DIM, .row_stride = Q_HEADS * DIM},
        .o = {.data = o, .head_stride = DIM, .row_stride = Q_HEADS * DIM},
        .mask = HEED_MASK_CAUSAL,
        .kv = kv,
    };

    return heed_attention(&args);
}

static heed_status decode(heed_kv *kv)
{
    heed_status status = HEED_OK;

    for (size_t t = 0; t < TOKENS && status == HEED_OK; t++) {
        status = append(kv, t);
        if (status == HEED_OK)
            status = attend(kv, t, 1, stepwise[t][0]);
    }
    return status;
}

int main(void)
{
    heed_kv kv;

    fill(q[0][0], sizeof q / sizeof(float));
    fill(k[0][0], sizeof k / sizeof(float));
    fill(v[0][0], sizeof v / sizeof(float));
    heed_status status = create(&kv);
    if (status == HEED_OK)
        status = decode(&kv);
    if (status == HEED_OK)
        status = attend(&kv, 0, TOKENS, at_once[0][0]);
    if (status != HEED_OK) {
        fprintf(stderr, "%s\n", heed_status_string(status));
        return 1;
    }

    const int same = !memcmp(stepwise, at_once, sizeof stepwise);
    printf("%d tokens on %s: one by one and all at once, %s bytes\n", TOKENS,
           heed_isa_name(heed_isa_default()), same ? "the same" : "different");
    return !same;
}
