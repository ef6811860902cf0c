/* SPDX-License-Identifier: MIT */
/* views.c - the views of each operation, and where they reach. */
#include "views.h"

#include <string.h>

enum { MOST_WORK = 1 << 20 };

/* Whole numbers of any size a view can reach: 64 bits times 64 bits. */
__extension__ typedef __int128 wide;

struct memory {
    const float *numbers;
    size_t count;
};

static const struct memory inputs = {sample_numbers, SAMPLE_NUMBERS};
static const struct memory outputs = {sample_output, SAMPLE_OUTPUT};

/* Sizes beyond any memory here saturate, so that products of three of them do not overflow. */
static wide size(size_t n)
{
    return n < (size_t)1 << 40 ? (wide)n : (wide)1 << 40;
}

static bool within(const struct memory *memory, const heed_input *view, size_t batch, size_t heads,
                   size_t rows, size_t dim)
{
    const wide n[] = {size(batch), size(heads), size(rows)};
    wide stride[] = {view->batch_stride, view->head_stride, view->row_stride};
    wide low = ((const char *)view->data - (const char *)memory->numbers) / (wide)sizeof(float);
    wide high;

    if ((const char *)view->data < (const char *)memory->numbers)
        return false; /* by less than a float, perhaps, which the division above rounds away */
    /* Nothing is read, but an absurd number of rows of no dimensions takes its time. */
    if (!batch || !heads || !rows || !dim)
        return n[0] <= MOST_WORK && n[1] <= MOST_WORK && n[2] <= MOST_WORK;
    if (n[0] * n[1] * n[2] > MOST_WORK || n[0] * n[1] * n[2] * size(dim) > MOST_WORK)
        return false;
    if (!stride[0] && !stride[1] && !stride[2]) {
        stride[2] = size(dim);
        stride[1] = n[2] * stride[2];
        stride[0] = n[1] * stride[1];
    }
    high = low + size(dim);
    for (int i = 0; i < 3; i++) {
        const wide reach = (n[i] - 1) * stride[i];

        low += reach < 0 ? reach : 0;
        high += reach > 0 ? reach : 0;
    }
    return low >= 0 && high <= (wide)memory->count;
}

static bool reads(const heed_input *view, size_t batch, size_t heads, size_t rows, size_t dim)
{
    return within(&inputs, view, batch, heads, rows, dim);
}

/* One matrix, or one per batch: the strides that its operation does not use are ignored. */
static bool reads_matrix(const heed_input *view, size_t batch, size_t rows, size_t dim)
{
    heed_input used = *view;

    used.head_stride = 0;
    if (batch == 1)
        used.batch_stride = 0;
    return reads(&used, batch, 1, rows, dim);
}

static bool reads_if_any(const heed_input *view, size_t dim)
{
    return !view->data || reads_matrix(view, 1, 1, dim);
}

static bool writes(const heed_output *view, size_t batch, size_t heads, size_t rows, size_t dim)
{
    const heed_input same = {view->data, view->dtype, view->batch_stride, view->head_stride,
                             view->row_stride};

    return within(&outputs, &same, batch, heads, rows, dim);
}

static bool writes_matrix(const heed_output *view, size_t batch, size_t rows, size_t dim)
{
    heed_output used = *view;

    used.head_stride = 0;
    if (batch == 1)
        used.batch_stride = 0;
    return writes(&used, batch, 1, rows, dim);
}

static bool writes_if_any(const heed_output *view, size_t batch, size_t heads, size_t rows)
{
    return !view->data || writes(view, batch, heads, rows, 1);
}

static bool reads_scales(const heed_input *view, size_t batch, size_t heads, size_t rows)
{
    return !view->data || reads(view, batch, heads, rows, 1);
}

static bool attention(const union sample *s)
{
    const heed_attention_args *a = &s->attention;

    /* What is known of single scores, or shown of them, is for the check alone; so is a cache. */
    if (a->kv || a->bias.data || a->visible.data || a->blocks.data || a->scores.data)
        return false;
    return size(a->q_rows) * size(a->kv_rows) <= MOST_WORK &&
           reads(&a->q, a->batch, a->q_heads, a->q_rows, a->qk_dim) &&
           reads(&a->k, a->batch, a->kv_heads, a->kv_rows, a->qk_dim) &&
           reads(&a->v, a->batch, a->kv_heads, a->kv_rows, a->v_dim) &&
           reads_scales(&a->k_scales, a->batch, a->kv_heads, a->kv_rows) &&
           reads_scales(&a->v_scales, a->batch, a->kv_heads, a->kv_rows) &&
           writes(&a->o, a->batch, a->q_heads, a->q_rows, a->v_dim) &&
           writes_if_any(&a->lse, a->batch, a->q_heads, a->q_rows);
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
           reads_scales(&a->scales, a->batch, a->heads, a->rows) &&
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
           reads_matrix(&a->w, 1, a->in_dim, a->out_dim) && reads_if_any(&a->b, a->out_dim) &&
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
    return size(a->rows) * size(a->rows) <= MOST_WORK &&
           reads_matrix(&a->x, a->batch, a->rows, a->model_dim) &&
           reads_matrix(&a->wq, 1, a->model_dim, a->q_heads * a->qk_dim) &&
           reads_matrix(&a->wk, 1, a->model_dim, a->kv_heads * a->qk_dim) &&
           reads_matrix(&a->wv, 1, a->model_dim, a->kv_heads * a->v_dim) &&
           reads_if_any(&a->bq, a->q_heads * a->qk_dim) &&
           reads_if_any(&a->bk, a->kv_heads * a->qk_dim) &&
           reads_if_any(&a->bv, a->kv_heads * a->v_dim) &&
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
           writes_if_any(&a->lse, a->batch, a->heads, a->rows);
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

static bool writes_too(const heed_output *view, size_t batch, size_t heads, size_t rows, size_t dim)
{
    return !view->data || writes(view, batch, heads, rows, dim);
}

static bool backward(const union sample *s)
{
    const heed_attention_backward_args *a = &s->backward;

    /* What is known of single scores, or becomes of it, is for the check alone. */
    if (a->bias.data || a->visible.data || a->blocks.data || a->d_bias.data)
        return false;
    return size(a->q_rows) * size(a->kv_rows) <= MOST_WORK &&
           reads(&a->q, a->batch, a->q_heads, a->q_rows, a->qk_dim) &&
           reads(&a->k, a->batch, a->kv_heads, a->kv_rows, a->qk_dim) &&
           reads(&a->v, a->batch, a->kv_heads, a->kv_rows, a->v_dim) &&
           reads(&a->o, a->batch, a->q_heads, a->q_rows, a->v_dim) &&
           reads(&a->d_o, a->batch, a->q_heads, a->q_rows, a->v_dim) &&
           reads(&a->lse, a->batch, a->q_heads, a->q_rows, 1) &&
           writes_too(&a->d_q, a->batch, a->q_heads, a->q_rows, a->qk_dim) &&
           writes_too(&a->d_k, a->batch, a->kv_heads, a->kv_rows, a->qk_dim) &&
           writes_too(&a->d_v, a->batch, a->kv_heads, a->kv_rows, a->v_dim);
}

/* The check reads these, or a call writes them. */
static void drop_backward_arrays(heed_attention_backward_args *a)
{
    a->workspace = NULL;
    a->kv_lengths = NULL;
    a->q_positions = NULL;
    a->alibi_slopes = a->sinks = NULL;
    a->q_offsets = a->kv_offsets = NULL;
    a->d_sinks = NULL;
}

/* An empty cache of the sizes of the samples. */
static heed_kv *cache(void)
{
    static _Alignas(64) unsigned char memory[1 << 16];
    static heed_kv *kv;
    const heed_kv_create_args args = {HEED_SIZED(heed_kv_create_args),
                                      .batch = 2,
                                      .kv_heads = 2,
                                      .qk_dim = 9,
                                      .v_dim = 11,
                                      .capacity = 70,
                                      .memory = memory,
                                      .memory_size = sizeof memory};

    if (!kv)
        (void)heed_kv_create(&args, &kv);
    return kv;
}

/* The check reads these. */
static void drop_arrays(heed_attention_args *a)
{
    a->workspace = NULL;
    a->packed_k = NULL;
    if (a->kv) {
        a->kv = cache();
        a->k.data = a->v.data = NULL; /* or it would be refused at once */
    }
    a->kv_lengths = NULL;
    a->q_positions = NULL;
    a->alibi_slopes = a->sinks = NULL;
    a->q_offsets = a->kv_offsets = a->page_table = NULL;
}

/* The check reads positions: they stay as they are, or go. */
static void keep_positions(heed_rope_args *a, const heed_rope_args *valid)
{
    if (a->batch > valid->batch || a->rows > valid->rows || a->positions != valid->positions ||
        a->positions_batch_stride != valid->positions_batch_stride)
        a->positions = NULL;
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

void views_keep_pointers(const struct operation *operation, union sample *sample)
{
    const union sample valid = sample_of(operation, NULL);

    sample_set_parallel(operation, sample, (heed_parallel){0});
    if (!strcmp(operation->name, "attention")) {
        drop_arrays(&sample->attention);
    } else if (!strcmp(operation->name, "attention_backward")) {
        drop_backward_arrays(&sample->backward);
    } else if (!strcmp(operation->name, "self_attention")) {
        sample->self_attention.workspace = NULL;
    } else if (!strcmp(operation->name, "merge")) {
        sample->merge.parts = sample->merge.parts ? valid.merge.parts : NULL;
        if (sample->merge.parts && sample->merge.part_count > valid.merge.part_count)
            sample->merge.part_count = valid.merge.part_count;
    } else if (!strcmp(operation->name, "pack_k")) {
        sample->pack_k.packed = sample->pack_k.packed ? valid.pack_k.packed : NULL;
        if (sample->pack_k.packed_size > valid.pack_k.packed_size)
            sample->pack_k.packed_size = valid.pack_k.packed_size;
    } else if (!strcmp(operation->name, "rope")) {
        keep_positions(&sample->rope, &valid.rope);
    }
}
