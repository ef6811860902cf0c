/* SPDX-License-Identifier: MIT */
/* views.c - the views of each operation, and where they reach. */
#include "views.h"

#include <string.h>

#include "reach.h"

static bool attention(const union sample *s)
{
    const heed_attention_args *a = &s->attention;

    /* What is known of single scores, or shown of them, is for the check alone; so is a cache. */
    if (a->kv || a->bias.data || a->visible.data || a->blocks.data || a->scores.data)
        return false;
    return little_work(a->q_rows, a->kv_rows) &&
           reads(&a->q, a->batch, a->q_heads, a->q_rows, a->qk_dim) &&
           reads(&a->k, a->batch, a->kv_heads, a->kv_rows, a->qk_dim) &&
           reads(&a->v, a->batch, a->kv_heads, a->kv_rows, a->v_dim) &&
           reads_if_any(&a->k_scales, a->batch, a->kv_heads, a->kv_rows, 1) &&
           reads_if_any(&a->v_scales, a->batch, a->kv_heads, a->kv_rows, 1) &&
           writes(&a->o, a->batch, a->q_heads, a->q_rows, a->v_dim) &&
           writes_if_any(&a->lse, a->batch, a->q_heads, a->q_rows, 1);
}

static bool quantize(const union sample *s)
{
    const heed_quantize_args *a = &s->quantize;

    return reads(&a->x, a->batch, a->heads, a->rows, a->dim) &&
           writes(&a->y, a->batch, a->heads, a->rows, a->dim) &&
           writes(&a->scales, a->batch, a->heads, a->rows, 1);
}

static bool dequantize(const union sample *s)
{
    const heed_dequantize_args *a = &s->dequantize;

    return reads(&a->x, a->batch, a->heads, a->rows, a->dim) &&
           reads_if_any(&a->scales, a->batch, a->heads, a->rows, 1) &&
           writes(&a->y, a->batch, a->heads, a->rows, a->dim);
}

static bool scores(const union sample *s)
{
    const heed_scores_args *a = &s->scores;

    return reads(&a->q, a->batch, a->q_heads, a->q_rows, a->qk_dim) &&
           reads(&a->k, a->batch, a->kv_heads, a->kv_rows, a->qk_dim) &&
           writes(&a->s, a->batch, a->q_heads, a->q_rows, a->kv_rows);
}

static bool weighted_sum(const union sample *s)
{
    const heed_weighted_sum_args *a = &s->weighted_sum;

    return reads(&a->w, a->batch, a->q_heads, a->q_rows, a->kv_rows) &&
           reads(&a->v, a->batch, a->kv_heads, a->kv_rows, a->v_dim) &&
           writes(&a->o, a->batch, a->q_heads, a->q_rows, a->v_dim);
}

static bool linear(const union sample *s)
{
    const heed_linear_args *a = &s->linear;

    return reads_matrix(&a->x, a->batch, a->rows, a->in_dim) &&
           reads_matrix(&a->w, 1, a->in_dim, a->out_dim) && reads_bias(&a->b, a->out_dim) &&
           writes_matrix(&a->y, a->batch, a->rows, a->out_dim);
}

static bool rows(const union sample *s)
{
    const heed_rows_args *a = &s->rows;

    return reads_matrix(&a->x, 1, a->rows, a->cols) && writes_matrix(&a->y, 1, a->rows, a->cols);
}

static bool self_attention(const union sample *s)
{
    const heed_self_attention_args *a = &s->self_attention;
    const size_t most = MOST_WORK;

    /* Products below are of sizes that fit: otherwise the views would not. */
    if (a->q_heads > most || a->kv_heads > most || a->qk_dim > most || a->v_dim > most)
        return false;
    return little_work(a->rows, a->rows) && reads_matrix(&a->x, a->batch, a->rows, a->model_dim) &&
           reads_matrix(&a->wq, 1, a->model_dim, a->q_heads * a->qk_dim) &&
           reads_matrix(&a->wk, 1, a->model_dim, a->kv_heads * a->qk_dim) &&
           reads_matrix(&a->wv, 1, a->model_dim, a->kv_heads * a->v_dim) &&
           reads_bias(&a->bq, a->q_heads * a->qk_dim) &&
           reads_bias(&a->bk, a->kv_heads * a->qk_dim) &&
           reads_bias(&a->bv, a->kv_heads * a->v_dim) &&
           writes(&a->o, a->batch, a->q_heads, a->rows, a->v_dim);
}

static bool merge(const union sample *s)
{
    const heed_merge_args *a = &s->merge;

    for (size_t p = 0; p < a->part_count; p++)
        if (!reads(&a->parts[p].o, a->batch, a->heads, a->rows, a->v_dim) ||
            !reads(&a->parts[p].lse, a->batch, a->heads, a->rows, 1))
            return false;
    return writes(&a->o, a->batch, a->heads, a->rows, a->v_dim) &&
           writes_if_any(&a->lse, a->batch, a->heads, a->rows, 1);
}

static bool pack_k(const union sample *s)
{
    const heed_pack_k_args *a = &s->pack_k;

    return reads(&a->k, a->batch, a->kv_heads, a->rows, a->qk_dim);
}

static bool rope(const union sample *s)
{
    const heed_rope_args *a = &s->rope;

    return !a->cos && !a->sin && reads(&a->x, a->batch, a->heads, a->rows, a->dim) &&
           writes(&a->y, a->batch, a->heads, a->rows, a->dim);
}

static bool backward(const union sample *s)
{
    const heed_attention_backward_args *a = &s->backward;

    /* What is known of single scores, or becomes of it, is for the check alone. */
    if (a->bias.data || a->visible.data || a->blocks.data || a->d_bias.data)
        return false;
    return little_work(a->q_rows, a->kv_rows) &&
           reads(&a->q, a->batch, a->q_heads, a->q_rows, a->qk_dim) &&
           reads(&a->k, a->batch, a->kv_heads, a->kv_rows, a->qk_dim) &&
           reads(&a->v, a->batch, a->kv_heads, a->kv_rows, a->v_dim) &&
           reads(&a->o, a->batch, a->q_heads, a->q_rows, a->v_dim) &&
           reads(&a->d_o, a->batch, a->q_heads, a->q_rows, a->v_dim) &&
           reads(&a->lse, a->batch, a->q_heads, a->q_rows, 1) &&
           writes_if_any(&a->d_q, a->batch, a->q_heads, a->q_rows, a->qk_dim) &&
           writes_if_any(&a->d_k, a->batch, a->kv_heads, a->kv_rows, a->qk_dim) &&
           writes_if_any(&a->d_v, a->batch, a->kv_heads, a->kv_rows, a->v_dim);
}

static const struct {
    const char *name;
    bool (*within)(const union sample *);
} operations[] = {
    {"attention", attention},
    {"scores", scores},
    {"weighted_sum", weighted_sum},
    {"linear", linear},
    {"exp", rows},
    {"softmax", rows},
    {"normalize", rows},
    {"merge", merge},
    {"self_attention", self_attention},
    {"pack_k", pack_k},
    {"rope", rope},
    {"attention_backward", backward},
    {"quantize", quantize},
    {"dequantize", dequantize},
};

bool views_within_memory(const struct operation *operation, const union sample *sample)
{
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (!strcmp(operations[i].name, operation->name))
            return operations[i].within(sample);
    return false;
}
