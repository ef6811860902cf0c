/* SPDX-License-Identifier: MIT */
/* kv_problem.c - one set of numbers for all tests of caches. */
#include "kv_problem.h"

#include <criterion/criterion.h>

#include "half.h"
#include "random.h"

enum { Q = KV_BATCH * KV_Q_HEADS * KV_ROWS * KV_QK_DIM, ROWS = KV_BATCH * KV_HEADS * KV_KEYS };

const size_t kv_lengths[KV_BATCH] = {KV_KEYS, 1, 77};
_Alignas(64) unsigned char kv_memory[KV_MEMORY];

static float q[Q], k[ROWS * KV_QK_DIM], v[ROWS * KV_V_DIM]; /* k and v hold any type */
static heed_dtype kept;

static void fill(struct random *random, heed_dtype type, void *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        dtype_write(type, (char *)numbers + i * dtype_size(type),
                    (double)random_float(random, -1.0f, 1.0f));
}

void kv_draw(heed_dtype type)
{
    struct random random = {11};

    kept = type;
    fill(&random, HEED_F32, q, Q);
    fill(&random, type, k, ROWS * KV_QK_DIM);
    fill(&random, type, v, ROWS * KV_V_DIM);
}

heed_kv_create_args kv_create_args(heed_dtype type, const heed_isa *isa)
{
    return (heed_kv_create_args){
        HEED_SIZED(heed_kv_create_args),
        .batch = KV_BATCH,
        .kv_heads = KV_HEADS,
        .qk_dim = KV_QK_DIM,
        .v_dim = KV_V_DIM,
        .capacity = KV_CAPACITY,
        .k_dtype = type,
        .v_dtype = type,
        .isa = isa,
        .memory = kv_memory,
        .memory_size = sizeof kv_memory,
    };
}

static heed_input rows_of(const void *x, size_t b, size_t first, size_t dim)
{
    return (heed_input){
        .data = (const char *)x + (b * KV_HEADS * KV_KEYS + first) * dim * dtype_size(kept),
        .dtype = kept,
        .batch_stride = (ptrdiff_t)(KV_HEADS * KV_KEYS * dim),
        .head_stride = (ptrdiff_t)(KV_KEYS * dim),
        .row_stride = (ptrdiff_t)dim,
    };
}

heed_kv_append_args kv_rows_of(heed_kv *kv, size_t b, size_t batch, size_t first, size_t rows)
{
    return (heed_kv_append_args){HEED_SIZED(heed_kv_append_args),
                                 .kv = kv,
                                 .first_batch = b,
                                 .batch = batch,
                                 .rows = rows,
                                 .k = rows_of(k, b, first, KV_QK_DIM),
                                 .v = rows_of(v, b, first, KV_V_DIM)};
}

void kv_fill(heed_kv *kv)
{
    for (size_t b = 0; b < KV_BATCH; b++) {
        const heed_kv_append_args rows = kv_rows_of(kv, b, 1, 0, kv_lengths[b]);

        cr_assert_eq(heed_kv_append(&rows), HEED_OK);
        cr_assert_eq(heed_kv_length(kv, b), kv_lengths[b]);
    }
}

heed_kv *kv_filled(heed_dtype type, const heed_isa *isa)
{
    static heed_kv kv;
    const heed_kv_create_args create = kv_create_args(type, isa);

    cr_assert_eq(heed_kv_create(&create, &kv), HEED_OK);
    kv_fill(&kv);
    return &kv;
}

heed_kv kv_opened(void *memory, size_t size, int read_only, const heed_isa *isa)
{
    const heed_kv_open_args args = {HEED_SIZED(heed_kv_open_args), .memory = memory,
                                    .memory_size = size, .read_only = read_only, .isa = isa};
    heed_kv kv;

    cr_assert_eq(heed_kv_open(&args, &kv), HEED_OK);
    return kv;
}

heed_attention_args kv_attention_of_views(const heed_isa *isa, float *o)
{
    return (heed_attention_args){
        HEED_SIZED(heed_attention_args),
        .batch = KV_BATCH,
        .q_heads = KV_Q_HEADS,
        .kv_heads = KV_HEADS,
        .q_rows = KV_ROWS,
        .kv_rows = KV_KEYS,
        .qk_dim = KV_QK_DIM,
        .v_dim = KV_V_DIM,
        .q.data = q,
        .k = {.data = k, .dtype = kept},
        .v = {.data = v, .dtype = kept},
        .o.data = o,
        .mask = HEED_MASK_CAUSAL,
        .isa = isa,
        .kv_lengths = kv_lengths,
    };
}

heed_attention_args kv_attention_of(const heed_kv *kv, float *o)
{
    return (heed_attention_args){
        HEED_SIZED(heed_attention_args),
        .q_heads = KV_Q_HEADS,
        .q_rows = KV_ROWS,
        .q.data = q,
        .o.data = o,
        .mask = HEED_MASK_CAUSAL,
        .kv = kv,
    };
}
