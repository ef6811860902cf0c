/* SPDX-License-Identifier: MIT */
/* typed.c - every operation with operands of types to choose from. */
#include "typed.h"

/* More of everything than fits a panel, a piece or a tile, and nothing a whole number of them. */
enum { ROWS = 70, KEYS = TYPED_KEYS, DIM = TYPED_DIM, COLS = 2100, ROPE_DIM = 300, PARTS = 3 };

float typed_wide[TYPED_COUNT];
uint16_t typed_halves[TYPED_COUNT];
_Alignas(float) unsigned char typed_result[TYPED_PART * sizeof(float)];
heed_dtype typed_in, typed_out;

heed_input typed_input(size_t part)
{
    const void *data = typed_in == HEED_F32 ? (void *)(typed_wide + part * TYPED_PART)
                                            : typed_halves + part * TYPED_PART;

    return (heed_input){.data = data, .dtype = typed_in};
}

static heed_output output(void)
{
    return (heed_output){.data = typed_result, .dtype = typed_out};
}

static heed_status run_scores(const heed_isa *isa)
{
    const heed_scores_args a = {HEED_SIZED(heed_scores_args),
                                .batch = 1,
                                .q_heads = 2,
                                .kv_heads = 1,
                                .q_rows = ROWS,
                                .kv_rows = KEYS,
                                .qk_dim = DIM,
                                .q = typed_input(0),
                                .k = typed_input(1),
                                .s = output(),
                                .isa = isa};

    return heed_scores(&a);
}

static heed_status run_weighted_sum(const heed_isa *isa)
{
    const heed_weighted_sum_args a = {HEED_SIZED(heed_weighted_sum_args),
                                      .batch = 1,
                                      .q_heads = 2,
                                      .kv_heads = 1,
                                      .q_rows = ROWS,
                                      .kv_rows = KEYS,
                                      .v_dim = DIM,
                                      .w = typed_input(0),
                                      .v = typed_input(1),
                                      .o = output(),
                                      .isa = isa};

    return heed_weighted_sum(&a);
}

static heed_status run_linear(const heed_isa *isa)
{
    const heed_linear_args a = {HEED_SIZED(heed_linear_args),
                                .batch = 1,
                                .rows = ROWS,
                                .in_dim = DIM,
                                .out_dim = KEYS,
                                .x = typed_input(0),
                                .w = typed_input(1),
                                .b = typed_input(2),
                                .y = output(),
                                .isa = isa};

    return heed_linear(&a);
}

heed_rows_args typed_rows(const heed_isa *isa)
{
    return (heed_rows_args){HEED_SIZED(heed_rows_args), .rows = 3,     .cols = COLS,
                            .x = typed_input(0),        .y = output(), .isa = isa};
}

static heed_status run_exp(const heed_isa *isa)
{
    const heed_rows_args a = typed_rows(isa);

    return heed_exp(&a);
}

static heed_status run_softmax(const heed_isa *isa)
{
    const heed_rows_args a = typed_rows(isa);

    return heed_softmax(&a);
}

static heed_status run_normalize(const heed_isa *isa)
{
    const heed_rows_args a = typed_rows(isa);

    return heed_normalize(&a);
}

static heed_status run_self_attention(const heed_isa *isa)
{
    const heed_self_attention_args a = {HEED_SIZED(heed_self_attention_args),
                                        .batch = 1,
                                        .rows = ROWS,
                                        .model_dim = DIM,
                                        .q_heads = 2,
                                        .kv_heads = 1,
                                        .qk_dim = 30,
                                        .v_dim = 40,
                                        .x = typed_input(0),
                                        .wq = typed_input(1),
                                        .wk = typed_input(2),
                                        .wv = typed_input(3),
                                        .bv = typed_input(1),
                                        .o = output(),
                                        .isa = isa};

    return heed_self_attention(&a);
}

static heed_status run_merge(const heed_isa *isa)
{
    heed_part parts[PARTS];
    heed_merge_args a = {HEED_SIZED(heed_merge_args), .batch = 1, .heads = 2, .rows = 5};

    for (size_t p = 0; p < PARTS; p++)
        parts[p] = (heed_part){typed_input(p), {.data = typed_wide + p}};
    a.v_dim = COLS;
    a.parts = parts;
    a.part_count = PARTS;
    a.o = output();
    a.isa = isa;
    return heed_merge(&a);
}

heed_rope_args typed_rope(const heed_isa *isa)
{
    return (heed_rope_args){HEED_SIZED(heed_rope_args),
                            .batch = 1,
                            .heads = 2,
                            .rows = 5,
                            .dim = 2 * ROPE_DIM,
                            .x = typed_input(0),
                            .y = output(),
                            .rotary_dim = ROPE_DIM,
                            .isa = isa};
}

static heed_status run_rope(const heed_isa *isa)
{
    const heed_rope_args a = typed_rope(isa);

    return heed_rope(&a);
}

static heed_status run_rope_interleaved(const heed_isa *isa)
{
    heed_rope_args a = typed_rope(isa);

    a.pairs = HEED_ROPE_INTERLEAVED;
    return heed_rope(&a);
}

static const struct typed_call calls[] = {
    {"scores", run_scores, 2 * ROWS *KEYS},
    {"weighted sum", run_weighted_sum, 2 * ROWS *DIM},
    {"linear", run_linear, ROWS *KEYS},
    {"exp", run_exp, 3 * COLS},
    {"softmax", run_softmax, 3 * COLS},
    {"normalize", run_normalize, 3 * COLS},
    {"self-attention", run_self_attention, 2 * ROWS * 40},
    {"merge", run_merge, 2 * 5 * COLS},
    {"rope", run_rope, 2 * 5 * 2 * ROPE_DIM},
    {"rope, interleaved", run_rope_interleaved, 2 * 5 * 2 * ROPE_DIM},
};

const struct typed_call *typed_call_at(size_t i)
{
    return i < sizeof calls / sizeof *calls ? &calls[i] : NULL;
}
