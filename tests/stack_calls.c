/* SPDX-License-Identifier: MIT */
/* stack_calls.c - attention of all types and masks, and with the numbers that take the long way. */
#include "stack_calls.h"

#include <math.h>
#include <string.h>

enum { BATCH = 1, Q_HEADS = 2, KV_HEADS = 1, MOST_ROWS = 40, MOST_KEYS = 1104, MOST_DIM = 72 };
enum { PAGE = 16, PAGES = (MOST_KEYS + PAGE - 1) / PAGE, NUMBERS = MOST_KEYS * MOST_DIM };

static const struct types {
    heed_dtype q, k, v, o;
} types[] = {
    {HEED_F32, HEED_F32, HEED_F32, HEED_F32},     {HEED_F16, HEED_F16, HEED_F16, HEED_F16},
    {HEED_BF16, HEED_BF16, HEED_BF16, HEED_BF16}, {HEED_F32, HEED_I8, HEED_I8, HEED_F32},
    {HEED_BF16, HEED_I8, HEED_F8, HEED_BF16},     {HEED_F16, HEED_F32, HEED_BF16, HEED_F32},
};

/* Tiny ones have their memory on the stack; the last has more than a chunk of keys. */
static const struct shape {
    size_t rows, keys, dim;
} shapes[] = {{3, 5, 3}, {1, 70, 72}, {3, 70, 64}, {40, 70, 9}, {2, 1100, 32}};

enum kind { PLAIN, CAUSAL, BOUNDED, RULED, BLOCKED, SHOWN, PAGED, FAST, SPLIT, KINDS };

enum { TYPES = sizeof types / sizeof *types, SHAPES = sizeof shapes / sizeof *shapes };

static struct numbers {
    _Alignas(64) unsigned char q[4 * Q_HEADS * MOST_ROWS * MOST_DIM], k[4 * NUMBERS],
        v[4 * NUMBERS];
    unsigned char o[4 * Q_HEADS * MOST_ROWS * MOST_DIM], visible[MOST_KEYS];
    float s[Q_HEADS * MOST_ROWS * MOST_KEYS], lse[Q_HEADS * MOST_ROWS], scales[MOST_KEYS];
    float bias[MOST_KEYS], slopes[Q_HEADS];
    int32_t pages[PAGES];
} n;

/* Numbers of any type: bytes of which, as f32 and as bf16, some are infinite, NaN or huge. */
static void fill(unsigned char *bytes, size_t count)
{
    uint32_t state = 7;

    for (size_t i = 0; i < count; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (unsigned char)(state >> 24);
        if (i % 2 && i % 64 != 63) /* but most are ordinary: the exponent of 0.25 to 2 */
            bytes[i] = (unsigned char)(0x3e | (bytes[i] & 0x81));
    }
}

static void fill_all(void)
{
    fill(n.q, sizeof n.q);
    fill(n.k, sizeof n.k);
    fill(n.v, sizeof n.v);
    for (size_t j = 0; j < MOST_KEYS; j++) {
        n.visible[j] = j % 5 != 0;
        n.scales[j] = j % 7 ? 0.5f : 1e30f;
        n.bias[j] = j % 3 ? -1.0f : -INFINITY;
    }
    for (size_t i = 0; i < PAGES; i++)
        n.pages[i] = (int32_t)(PAGES - 1 - i);
}

static void scale_bytes(heed_attention_args *a)
{
    if (a->k.dtype == HEED_I8 || a->k.dtype == HEED_F8)
        a->k_scales.data = n.scales;
    if (a->v.dtype == HEED_I8 || a->v.dtype == HEED_F8)
        a->v_scales.data = n.scales;
}

static void set_rules(heed_attention_args *a)
{
    a->softcap = 5.0f;
    a->alibi_slopes = a->sinks = n.slopes;
    a->bias.data = n.bias;
    a->bias.key_stride = 1;
    a->visible = (heed_score_view){.data = n.visible, .dtype = HEED_U8, .key_stride = 1};
}

static void set_kind(heed_attention_args *a, enum kind kind)
{
    if (kind == CAUSAL || kind == RULED)
        a->mask = HEED_MASK_CAUSAL;
    if (kind == BOUNDED)
        a->window_left = 5, a->window_right = 3, a->local_chunk = 64, a->prefix = 2;
    if (kind == RULED || kind == SHOWN)
        set_rules(a);
    if (kind == BLOCKED) {
        a->blocks = (heed_score_view){.data = n.visible, .dtype = HEED_U8, .key_stride = 1};
        a->block_rows = 2, a->block_keys = 64;
    }
    if (kind == SHOWN)
        a->scores.data = n.s, a->scores_are = HEED_SCORES_WEIGHTS;
    if (kind == PAGED)
        a->page_table = n.pages, a->page_table_stride = PAGES, a->page_rows = PAGE,
        a->pages = PAGES;
    if (kind == FAST || kind == SPLIT)
        a->precision = kind == FAST ? HEED_PRECISION_FAST : HEED_PRECISION_SPLIT;
}

size_t attention_calls(void)
{
    return TYPES * SHAPES * KINDS;
}

const heed_attention_args *attention_call(size_t i, const heed_isa *isa)
{
    static heed_attention_args a;
    const struct types *t = &types[i % TYPES];
    const struct shape *shape = &shapes[i / TYPES % SHAPES];

    if (!n.visible[1])
        fill_all();
    a = (heed_attention_args){HEED_SIZED(heed_attention_args), .batch = BATCH};
    a.q_heads = Q_HEADS, a.kv_heads = KV_HEADS;
    a.q_rows = shape->rows, a.kv_rows = shape->keys, a.qk_dim = a.v_dim = shape->dim;
    a.q = (heed_input){.data = n.q, .dtype = t->q};
    a.k = (heed_input){.data = n.k, .dtype = t->k};
    a.v = (heed_input){.data = n.v, .dtype = t->v};
    a.o = (heed_output){.data = n.o, .dtype = t->o};
    a.lse.data = n.lse;
    a.isa = isa;
    scale_bytes(&a);
    set_kind(&a, (enum kind)(i / TYPES / SHAPES));
    return &a;
}
