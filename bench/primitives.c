/* SPDX-License-Identifier: MIT */
/* primitives.c - adapters from one set of operands to the arguments of each operation. */
#include "primitives.h"

static size_t rows_for(size_t length)
{
    return length < ELEMENTS ? ELEMENTS / length : 1;
}

static heed_rows_args rows_of(const struct operands *on)
{
    return (heed_rows_args){HEED_SIZED(heed_rows_args),
                            .rows = rows_for(on->length),
                            .cols = on->length,
                            .x = {.data = on->left},
                            .y = {.data = on->result},
                            .parallel = on->parallel,
                            .isa = on->isa};
}

static heed_status run_exp(const struct operands *on)
{
    const heed_rows_args args = rows_of(on);

    return heed_exp(&args);
}

static heed_status run_softmax(const struct operands *on)
{
    const heed_rows_args args = rows_of(on);

    return heed_softmax(&args);
}

static heed_status run_normalize(const struct operands *on)
{
    const heed_rows_args args = rows_of(on);

    return heed_normalize(&args);
}

/* One position of as many heads as there are rows. */
static heed_status run_rope(const struct operands *on)
{
    return heed_rope(&(heed_rope_args){HEED_SIZED(heed_rope_args), .batch = 1,
                                       .heads = rows_for(on->length), .rows = 1, .dim = on->length,
                                       .x = {.data = on->left}, .y = {.data = on->result},
                                       .cos = on->right, .sin = on->right + on->length / 2,
                                       .table_rows = 1, .parallel = on->parallel, .isa = on->isa});
}

static heed_status run_scores(const struct operands *on)
{
    return heed_scores(
        &(heed_scores_args){HEED_SIZED(heed_scores_args), .batch = 1, .q_heads = 1, .kv_heads = 1,
                            .q_rows = PRODUCT_ROWS, .kv_rows = on->length, .qk_dim = PRODUCT_DIM,
                            .q = {.data = on->left}, .k = {.data = on->right},
                            .s = {.data = on->result}, .parallel = on->parallel, .isa = on->isa});
}

static heed_status run_weighted_sum(const struct operands *on)
{
    return heed_weighted_sum(&(heed_weighted_sum_args){
        HEED_SIZED(heed_weighted_sum_args), .batch = 1, .q_heads = 1, .kv_heads = 1,
        .q_rows = PRODUCT_ROWS, .kv_rows = on->length, .v_dim = PRODUCT_DIM,
        .w = {.data = on->left}, .v = {.data = on->right}, .o = {.data = on->result},
        .parallel = on->parallel, .isa = on->isa});
}

static heed_status run_linear(const struct operands *on)
{
    return heed_linear(&(heed_linear_args){
        HEED_SIZED(heed_linear_args), .batch = 1, .rows = PRODUCT_ROWS, .in_dim = on->length,
        .out_dim = PRODUCT_DIM, .x = {.data = on->left}, .w = {.data = on->right},
        .y = {.data = on->result}, .parallel = on->parallel, .isa = on->isa});
}

static const struct primitive primitives[] = {
    {"exp", run_exp, false},
    {"softmax", run_softmax, false},
    {"normalize", run_normalize, false},
    {"rope", run_rope, false},
    {"scores", run_scores, true},
    {"weighted_sum", run_weighted_sum, true},
    {"linear", run_linear, true},
};

const struct primitive *primitive_at(size_t index)
{
    return index < sizeof primitives / sizeof primitives[0] ? &primitives[index] : NULL;
}

double primitive_work(const struct primitive *primitive, size_t length)
{
    return primitive->product ? 2.0 * PRODUCT_ROWS * PRODUCT_DIM * (double)length
                              : (double)(rows_for(length) * length);
}

size_t primitive_results(const struct primitive *primitive, size_t length)
{
    if (!primitive->product)
        return rows_for(length) * length;
    return PRODUCT_ROWS * (primitive->run == run_scores ? length : PRODUCT_DIM);
}
