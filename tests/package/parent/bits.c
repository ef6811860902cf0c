/* SPDX-License-Identifier: MIT */
/*
 * bits.c - prints a hash of the bits of many results, for each instruction set, and exp(0, 1, -1,
 * 10) as they are.  What it does with numbers itself is exact whatever it is compiled with.
 */
#include <heed/heed.h>
#include <stdio.h>
#include <string.h>

enum { HEADS = 4, KV_HEADS = 2, ROWS = 9, KEYS = 130, DIM = 20, MOST = HEADS * KEYS * DIM };

static float x[4 * MOST], y[MOST], lse[HEADS * ROWS];
static uint16_t halves[4 * MOST];

/* Thirty-seconds below 4 in magnitude: for f16 and bf16 alike, of which the bits are put together.
 */
static void fill(void)
{
    uint32_t state = 1;

    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
        state = state * 1664525 + 1013904223;
        x[i] = (float)((int)(state >> 24) - 128) * 0.03125f;
    }
}

/* bf16: the upper half of each float, which has no more digits than that. */
static void fill_halves(void)
{
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
        uint32_t bits;

        memcpy(&bits, &x[i], sizeof bits);
        halves[i] = (uint16_t)(bits >> 16);
    }
}

static uint64_t hash(uint64_t h, const void *data, size_t size)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < size; i++)
        h = (h ^ bytes[i]) * 1099511628211u;
    return h;
}

static uint64_t hash_results(uint64_t h)
{
    return hash(hash(h, y, sizeof y), lse, sizeof lse);
}

static heed_attention_args attention(const heed_isa *isa, int halved)
{
    heed_attention_args a = {HEED_SIZED(heed_attention_args)};
    const void *data[3];

    for (size_t i = 0; i < 3; i++)
        data[i] = halved ? (const void *)(halves + i * MOST) : (const void *)(x + i * MOST);
    a.batch = 1, a.q_heads = HEADS, a.kv_heads = KV_HEADS;
    a.q_rows = ROWS, a.kv_rows = KEYS, a.qk_dim = a.v_dim = DIM;
    a.q.data = data[0], a.k.data = data[1], a.v.data = data[2];
    a.q.dtype = a.k.dtype = a.v.dtype = halved ? HEED_BF16 : HEED_F32;
    a.o.data = y;
    a.lse.data = lse;
    a.isa = isa;
    return a;
}

static int of_attention(const heed_isa *isa, int halved, uint64_t *h)
{
    static const float slopes[HEADS] = {0.5f, 0.25f, 0.125f, 0.0625f};
    heed_attention_args a = attention(isa, halved);
    int failed = heed_attention(&a);

    *h = hash_results(*h);
    a.mask = HEED_MASK_CAUSAL, a.window_left = 70, a.scale = 1.5f;
    failed |= heed_attention(&a);
    *h = hash_results(*h);
    a.softcap = 3.0f, a.alibi_slopes = slopes, a.sinks = slopes;
    failed |= heed_attention(&a);
    *h = hash_results(*h);
    return failed;
}

static int of_backward(const heed_isa *isa, uint64_t *h)
{
    static float o[HEADS * ROWS * DIM], of_q[HEADS * ROWS * DIM], of_kv[2][KV_HEADS * KEYS * DIM];
    heed_attention_args forward = attention(isa, 0);
    heed_attention_backward_args a = {HEED_SIZED(heed_attention_backward_args)};
    int failed = 0;

    forward.o.data = o;
    failed |= heed_attention(&forward);
    a.batch = 1, a.q_heads = HEADS, a.kv_heads = KV_HEADS;
    a.q_rows = ROWS, a.kv_rows = KEYS, a.qk_dim = a.v_dim = DIM;
    a.q.data = x, a.k.data = x + MOST, a.v.data = x + 2 * (size_t)MOST;
    a.o.data = o, a.lse.data = lse, a.d_o.data = x + 3 * (size_t)MOST;
    a.d_q.data = of_q, a.d_k.data = of_kv[0], a.d_v.data = of_kv[1];
    a.isa = isa;
    failed |= heed_attention_backward(&a);
    *h = hash(hash(*h, of_q, sizeof of_q), of_kv, sizeof of_kv);
    return failed;
}

static int of_rows(const heed_isa *isa, uint64_t *h)
{
    heed_rows_args a = {HEED_SIZED(heed_rows_args)};
    heed_rope_args rope = {HEED_SIZED(heed_rope_args)};
    int failed = 0;

    a.rows = KEYS, a.cols = DIM, a.x.data = x, a.y.data = y, a.isa = isa;
    failed |= heed_exp(&a), *h = hash_results(*h);
    failed |= heed_softmax(&a), *h = hash_results(*h);
    failed |= heed_normalize(&a), *h = hash_results(*h);
    rope.batch = 1, rope.heads = HEADS, rope.rows = KEYS, rope.dim = DIM, rope.first_position = 999;
    rope.x.data = x, rope.y.data = y, rope.isa = isa;
    failed |= heed_rope(&rope), *h = hash_results(*h);
    return failed;
}

static int show_exp(const heed_isa *isa)
{
    static const float of[4] = {0.0f, 1.0f, -1.0f, 10.0f};
    float e[4];
    heed_rows_args a = {HEED_SIZED(heed_rows_args)};

    a.rows = 1, a.cols = 4, a.x.data = of, a.y.data = e, a.isa = isa;
    const int failed = heed_exp(&a);
    printf("%s exp(0, 1, -1, 10) = %.9g, %.9g, %.9g, %.9g\n", heed_isa_name(isa), (double)e[0],
           (double)e[1], (double)e[2], (double)e[3]);
    return failed;
}

int main(void)
{
    int failed = 0;

    fill();
    fill_halves();
    for (size_t i = 0; heed_isa_at(i); i++) {
        const heed_isa *isa = heed_isa_at(i);
        uint64_t h = 14695981039346656037u;

        if (!heed_isa_supported(isa) || heed_isa_emulated(isa))
            continue;
        memset(y, 0, sizeof y); /* what the one before left is hashed where the next writes less */
        failed |= show_exp(isa) | of_attention(isa, 0, &h) | of_attention(isa, 1, &h);
        failed |= of_rows(isa, &h) | of_backward(isa, &h);
        printf("%s %016llx\n", heed_isa_name(isa), (unsigned long long)h);
    }
    return failed;
}
