/* SPDX-License-Identifier: MIT */
/* samples.c - small, odd sizes: grouped heads, more than a block of keys, dims off the lanes. */
#include "samples.h"

#include <stddef.h>
#include <string.h>

#include "random.h"

enum { BATCH = 2, Q_HEADS = 4, KV_HEADS = 2, ROWS = 5, KEYS = 70, QK_DIM = 9, V_DIM = 11 };
enum { LSE_AT = 4096, D_K_AT = 512, D_V_AT = 4096 };

float sample_output[SAMPLE_OUTPUT], sample_numbers[SAMPLE_NUMBERS];

/* A dense view of numbers in [-1, 1); each `part` starts elsewhere in them. */
static heed_input input(size_t part)
{
    struct random random = {1};

    if (sample_numbers[0] == 0.0f)
        for (size_t i = 0; i < SAMPLE_NUMBERS; i++)
            sample_numbers[i] = random_float(&random, -1.0f, 1.0f);
    return (heed_input){.data = sample_numbers + 1000 * part};
}

static heed_output output(void)
{
    return (heed_output){.data = sample_output};
}

static void prepare_attention(union sample *s)
{
    s->attention = (heed_attention_args){HEED_SIZED(heed_attention_args),
                                         .batch = BATCH,
                                         .q_heads = Q_HEADS,
                                         .kv_heads = KV_HEADS,
                                         .q_rows = ROWS,
                                         .kv_rows = KEYS,
                                         .qk_dim = QK_DIM,
                                         .v_dim = V_DIM,
                                         .q = input(0),
                                         .k = input(1),
                                         .v = input(2),
                                         .o = output(),
                                         .lse = {.data = sample_output + LSE_AT},
                                         .mask = HEED_MASK_CAUSAL};
}

static void prepare_scores(union sample *s)
{
    s->scores = (heed_scores_args){HEED_SIZED(heed_scores_args),
                                   .batch = BATCH,
                                   .q_heads = Q_HEADS,
                                   .kv_heads = KV_HEADS,
                                   .q_rows = ROWS,
                                   .kv_rows = KEYS,
                                   .qk_dim = QK_DIM,
                                   .q = input(0),
                                   .k = input(1),
                                   .s = output()};
}

static void prepare_weighted_sum(union sample *s)
{
    s->weighted_sum = (heed_weighted_sum_args){HEED_SIZED(heed_weighted_sum_args),
                                               .batch = BATCH,
                                               .q_heads = Q_HEADS,
                                               .kv_heads = KV_HEADS,
                                               .q_rows = ROWS,
                                               .kv_rows = KEYS,
                                               .v_dim = V_DIM,
                                               .w = input(0),
                                               .v = input(2),
                                               .o = output()};
}

static void prepare_linear(union sample *s)
{
    s->linear = (heed_linear_args){HEED_SIZED(heed_linear_args),
                                   .batch = BATCH,
                                   .rows = ROWS,
                                   .in_dim = QK_DIM,
                                   .out_dim = V_DIM,
                                   .x = input(0),
                                   .w = input(1),
                                   .b = input(2),
                                   .y = output()};
}

static void prepare_rows(union sample *s)
{
    s->rows = (heed_rows_args){HEED_SIZED(heed_rows_args), .rows = ROWS, .cols = KEYS,
                               .x = input(0), .y = output()};
}

static void prepare_self_attention(union sample *s)
{
    s->self_attention = (heed_self_attention_args){HEED_SIZED(heed_self_attention_args),
                                                   .batch = BATCH,
                                                   .rows = KEYS,
                                                   .model_dim = 7,
                                                   .q_heads = Q_HEADS,
                                                   .kv_heads = KV_HEADS,
                                                   .qk_dim = 3,
                                                   .v_dim = V_DIM,
                                                   .x = input(0),
                                                   .wq = input(1),
                                                   .wk = input(2),
                                                   .wv = input(3),
                                                   .bq = input(4),
                                                   .bk = input(5),
                                                   .bv = input(6),
                                                   .o = output()};
}

static void prepare_merge(union sample *s)
{
    static heed_part parts[2];

    parts[0] = (heed_part){input(0), input(1)};
    parts[1] = (heed_part){input(2), input(3)};
    s->merge = (heed_merge_args){HEED_SIZED(heed_merge_args),
                                 .batch = BATCH,
                                 .heads = Q_HEADS,
                                 .rows = ROWS,
                                 .v_dim = V_DIM,
                                 .parts = parts,
                                 .part_count = 2,
                                 .o = output(),
                                 .lse = {.data = sample_output + LSE_AT}};
}

static void prepare_pack_k(union sample *s)
{
    s->pack_k = (heed_pack_k_args){
        HEED_SIZED(heed_pack_k_args),
        .batch = BATCH,
        .kv_heads = KV_HEADS,
        .qk_dim = QK_DIM,
        .capacity = KEYS + 1,
        .rows = KEYS,
        .k = input(1),
        .packed = sample_output,
        .packed_size = sizeof sample_output,
    };
}

static void prepare_rope(union sample *s)
{
    static const int64_t positions[BATCH][ROWS] = {{3, 0, -7, 100, 65536}, {8, 9, 10, 11, 12}};

    s->rope = (heed_rope_args){HEED_SIZED(heed_rope_args),
                               .batch = BATCH,
                               .heads = Q_HEADS,
                               .rows = ROWS,
                               .dim = V_DIM,
                               .x = input(0),
                               .y = output(),
                               .rotary_dim = 6,
                               .positions = positions[0],
                               .positions_batch_stride = ROWS};
}

static void prepare_backward(union sample *s)
{
    s->backward = (heed_attention_backward_args){HEED_SIZED(heed_attention_backward_args),
                                                 .batch = BATCH,
                                                 .q_heads = Q_HEADS,
                                                 .kv_heads = KV_HEADS,
                                                 .q_rows = ROWS,
                                                 .kv_rows = KEYS,
                                                 .qk_dim = QK_DIM,
                                                 .v_dim = V_DIM,
                                                 .q = input(0),
                                                 .k = input(1),
                                                 .v = input(2),
                                                 .o = input(5),
                                                 .d_o = input(6),
                                                 .lse = input(7),
                                                 .d_q = output(),
                                                 .d_k = {.data = sample_output + D_K_AT},
                                                 .d_v = {.data = sample_output + D_V_AT},
                                                 .mask = HEED_MASK_CAUSAL};
}

static void prepare_quantize(union sample *s)
{
    s->quantize = (heed_quantize_args){HEED_SIZED(heed_quantize_args),
                                       .batch = BATCH,
                                       .heads = KV_HEADS,
                                       .rows = KEYS,
                                       .dim = V_DIM,
                                       .x = input(0),
                                       .y = {.data = sample_output, .dtype = HEED_I8},
                                       .scales = {.data = sample_output + LSE_AT}};
}

/* Bytes of floats, any of which are codes. */
static void prepare_dequantize(union sample *s)
{
    s->dequantize = (heed_dequantize_args){HEED_SIZED(heed_dequantize_args),
                                           .batch = BATCH,
                                           .heads = KV_HEADS,
                                           .rows = KEYS,
                                           .dim = V_DIM,
                                           .x = {.data = input(0).data, .dtype = HEED_F8},
                                           .scales = input(1),
                                           .y = output()};
}

/* call_<operation> and check_<operation> with one type for all. */
#define WRAP(operation, checker, member)                                                           \
    static heed_status call_##operation(const union sample *s)                                     \
    {                                                                                              \
        return heed_##operation(s ? &s->member : NULL);                                            \
    }                                                                                              \
    static heed_status check_##operation(const union sample *s, char *reason, size_t size)         \
    {                                                                                              \
        return heed_##checker##_check(s ? &s->member : NULL, reason, size);                        \
    }

WRAP(attention, attention, attention)
WRAP(scores, scores, scores)
WRAP(weighted_sum, weighted_sum, weighted_sum)
WRAP(linear, linear, linear)
WRAP(exp, rows, rows)
WRAP(softmax, rows, rows)
WRAP(normalize, rows, rows)
WRAP(self_attention, self_attention, self_attention)
WRAP(merge, merge, merge)
WRAP(pack_k, pack_k, pack_k)
WRAP(rope, rope, rope)
WRAP(attention_backward, attention_backward, backward)
WRAP(quantize, quantize, quantize)
WRAP(dequantize, dequantize, dequantize)

#define ENTRY(operation, type, prepare, parallel_at)                                               \
    {                                                                                              \
#operation, sizeof(type), offsetof(type, isa), parallel_at, prepare, call_##operation,     \
            check_##operation                                                                      \
    }
#define THREADED(operation, type, prepare) ENTRY(operation, type, prepare, offsetof(type, parallel))

static const struct operation operations[] = {
    THREADED(attention, heed_attention_args, prepare_attention),
    THREADED(scores, heed_scores_args, prepare_scores),
    THREADED(weighted_sum, heed_weighted_sum_args, prepare_weighted_sum),
    THREADED(linear, heed_linear_args, prepare_linear),
    THREADED(exp, heed_rows_args, prepare_rows),
    THREADED(softmax, heed_rows_args, prepare_rows),
    THREADED(normalize, heed_rows_args, prepare_rows),
    THREADED(self_attention, heed_self_attention_args, prepare_self_attention),
    ENTRY(merge, heed_merge_args, prepare_merge, 0),
    THREADED(pack_k, heed_pack_k_args, prepare_pack_k),
    THREADED(rope, heed_rope_args, prepare_rope),
    THREADED(attention_backward, heed_attention_backward_args, prepare_backward),
    THREADED(quantize, heed_quantize_args, prepare_quantize),
    THREADED(dequantize, heed_dequantize_args, prepare_dequantize),
};

const struct operation *operation_at(size_t i)
{
    return i < sizeof operations / sizeof *operations ? &operations[i] : NULL;
}

union sample sample_of(const struct operation *operation, const heed_isa *isa)
{
    union sample sample;

    memset(&sample, 0, sizeof sample);
    operation->prepare(&sample);
    sample_set_isa(operation, &sample, isa);
    return sample;
}

void sample_set_isa(const struct operation *operation, union sample *sample, const heed_isa *isa)
{
    memcpy((char *)sample + operation->isa_at, &isa, sizeof isa);
}

void sample_set_parallel(const struct operation *operation, union sample *sample,
                         heed_parallel parallel)
{
    if (operation->parallel_at)
        memcpy((char *)sample + operation->parallel_at, &parallel, sizeof parallel);
}

void sample_keep_parallel(const struct operation *operation, union sample *sample,
                          void (*parallel_for)(void *context, size_t count,
                                               void (*body)(void *argument, size_t i),
                                               void *argument))
{
    heed_parallel parallel;

    if (!operation->parallel_at)
        return;
    memcpy(&parallel, (char *)sample + operation->parallel_at, sizeof parallel);
    if (parallel.parallel_for)
        parallel.parallel_for = parallel_for;
    sample_set_parallel(operation, sample, parallel);
}

void sample_blank_output(void)
{
    memset(sample_output, 0xff, sizeof sample_output);
}

bool sample_output_is_blank(void)
{
    const unsigned char *bytes = (const unsigned char *)sample_output;

    return *bytes == 0xff && !memcmp(bytes, bytes + 1, sizeof sample_output - 1);
}
