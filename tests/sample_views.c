/* SPDX-License-Identifier: MIT */
/* sample_views.c - the views of each operation, and their shapes. */
#include "sample_views.h"

#include <string.h>

struct list {
    struct sample_view *views;
    size_t count;
};

static bool is_empty(const struct shape *shape)
{
    return !shape->batch || !shape->heads || !shape->rows || !shape->dim;
}

/* One without numbers needs no data. */
static void add(struct list *list, const char *name, void *at, struct shape shape, int without)
{
    struct sample_view *view = &list->views[list->count];

    *view = (struct sample_view){name, at, false, without, shape};
    list->count += sample_view_get(view).data || is_empty(&shape);
}

#define VIEW(list, args, member, ...)                                                              \
    add(list, #member, &(args)->member, (struct shape){__VA_ARGS__}, 0)
#define VIEW_WITHOUT(list, strides, args, member, ...)                                             \
    add(list, #member, &(args)->member, (struct shape){__VA_ARGS__}, strides)

/* Of what follows, all are written. */
static void writes_from(struct list *list, size_t first)
{
    for (size_t i = first; i < list->count; i++)
        list->views[i].written = true;
}

static size_t product(size_t a, size_t b)
{
    return b && a > SIZE_MAX / b ? SIZE_MAX : a * b;
}

/* Of a ragged side the sequences stand in one batch. */
static size_t batches(const int32_t *offsets, size_t batch)
{
    return offsets ? 1 : batch;
}

static size_t rows_of(const int32_t *offsets, size_t batch, size_t rows)
{
    return offsets ? (size_t)offsets[batch] : rows;
}

static void attention(union sample *s, struct list *l)
{
    heed_attention_args *a = &s->attention;
    const size_t qb = batches(a->q_offsets, a->batch);
    const size_t rows = rows_of(a->q_offsets, a->batch, a->q_rows);
    const size_t kb = a->page_table ? a->pages : batches(a->kv_offsets, a->batch);
    const size_t keys = a->page_table ? a->page_rows : rows_of(a->kv_offsets, a->batch, a->kv_rows);

    VIEW(l, a, q, qb, a->q_heads, rows, a->qk_dim);
    if (!a->packed_k)
        VIEW(l, a, k, kb, a->kv_heads, keys, a->qk_dim);
    VIEW(l, a, v, kb, a->kv_heads, keys, a->v_dim);
    VIEW(l, a, k_scales, kb, a->kv_heads, keys, 1);
    VIEW(l, a, v_scales, kb, a->kv_heads, keys, 1);
    const size_t read = l->count;
    VIEW(l, a, o, qb, a->q_heads, rows, a->v_dim);
    VIEW(l, a, lse, qb, a->q_heads, rows, 1);
    VIEW(l, a, scores, qb, a->q_heads, rows, a->kv_rows);
    writes_from(l, read);
}

static void scores(union sample *s, struct list *l)
{
    heed_scores_args *a = &s->scores;

    VIEW(l, a, q, a->batch, a->q_heads, a->q_rows, a->qk_dim);
    VIEW(l, a, k, a->batch, a->kv_heads, a->kv_rows, a->qk_dim);
    const size_t read = l->count;
    VIEW(l, a, s, a->batch, a->q_heads, a->q_rows, a->kv_rows);
    writes_from(l, read);
}

static void weighted_sum(union sample *s, struct list *l)
{
    heed_weighted_sum_args *a = &s->weighted_sum;

    VIEW(l, a, w, a->batch, a->q_heads, a->q_rows, a->kv_rows);
    VIEW(l, a, v, a->batch, a->kv_heads, a->kv_rows, a->v_dim);
    const size_t read = l->count;
    VIEW(l, a, o, a->batch, a->q_heads, a->q_rows, a->v_dim);
    writes_from(l, read);
}

static void linear(union sample *s, struct list *l)
{
    heed_linear_args *a = &s->linear;
    const int matrix = NO_BATCH_STRIDE | NO_HEAD_STRIDE;

    VIEW_WITHOUT(l, NO_HEAD_STRIDE, a, x, a->batch, 1, a->rows, a->in_dim);
    VIEW_WITHOUT(l, matrix, a, w, 1, 1, a->in_dim, a->out_dim);
    VIEW(l, a, b, 1, 1, 1, a->out_dim);
    const size_t read = l->count;
    VIEW_WITHOUT(l, NO_HEAD_STRIDE, a, y, a->batch, 1, a->rows, a->out_dim);
    writes_from(l, read);
}

static void rows(union sample *s, struct list *l)
{
    heed_rows_args *a = &s->rows;
    const int matrix = NO_BATCH_STRIDE | NO_HEAD_STRIDE;

    VIEW_WITHOUT(l, matrix, a, x, 1, 1, a->rows, a->cols);
    const size_t read = l->count;
    VIEW_WITHOUT(l, matrix, a, y, 1, 1, a->rows, a->cols);
    writes_from(l, read);
}

static void self_attention(union sample *s, struct list *l)
{
    heed_self_attention_args *a = &s->self_attention;
    const size_t q = product(a->q_heads, a->qk_dim), k = product(a->kv_heads, a->qk_dim);
    const size_t v = product(a->kv_heads, a->v_dim);
    const int matrix = NO_BATCH_STRIDE | NO_HEAD_STRIDE;

    VIEW_WITHOUT(l, NO_HEAD_STRIDE, a, x, a->batch, 1, a->rows, a->model_dim);
    VIEW_WITHOUT(l, matrix, a, wq, 1, 1, a->model_dim, q);
    VIEW_WITHOUT(l, matrix, a, wk, 1, 1, a->model_dim, k);
    VIEW_WITHOUT(l, matrix, a, wv, 1, 1, a->model_dim, v);
    VIEW(l, a, bq, 1, 1, 1, q);
    VIEW(l, a, bk, 1, 1, 1, k);
    VIEW(l, a, bv, 1, 1, 1, v);
    const size_t read = l->count;
    VIEW(l, a, o, a->batch, a->q_heads, a->rows, a->v_dim);
    writes_from(l, read);
}

/* Of the parts as many as there is room for: samples have two. */
static void merge(union sample *s, struct list *l)
{
    heed_merge_args *a = &s->merge;
    heed_part *parts = (heed_part *)(uintptr_t)a->parts;

    for (size_t p = 0; p < a->part_count && l->count + 4 <= SAMPLE_VIEWS; p++) {
        VIEW(l, &parts[p], o, a->batch, a->heads, a->rows, a->v_dim);
        VIEW(l, &parts[p], lse, a->batch, a->heads, a->rows, 1);
    }
    const size_t read = l->count;
    VIEW(l, a, o, a->batch, a->heads, a->rows, a->v_dim);
    VIEW(l, a, lse, a->batch, a->heads, a->rows, 1);
    writes_from(l, read);
}

static void pack_k(union sample *s, struct list *l)
{
    heed_pack_k_args *a = &s->pack_k;

    VIEW(l, a, k, a->batch, a->kv_heads, a->rows, a->qk_dim);
}

static void rope(union sample *s, struct list *l)
{
    heed_rope_args *a = &s->rope;

    VIEW(l, a, x, a->batch, a->heads, a->rows, a->dim);
    const size_t read = l->count;
    VIEW(l, a, y, a->batch, a->heads, a->rows, a->dim);
    writes_from(l, read);
}

static void backward(union sample *s, struct list *l)
{
    heed_attention_backward_args *a = &s->backward;
    const size_t qb = batches(a->q_offsets, a->batch), kb = batches(a->kv_offsets, a->batch);
    const size_t rows = rows_of(a->q_offsets, a->batch, a->q_rows);
    const size_t keys = rows_of(a->kv_offsets, a->batch, a->kv_rows);

    VIEW(l, a, q, qb, a->q_heads, rows, a->qk_dim);
    VIEW(l, a, k, kb, a->kv_heads, keys, a->qk_dim);
    VIEW(l, a, v, kb, a->kv_heads, keys, a->v_dim);
    VIEW(l, a, o, qb, a->q_heads, rows, a->v_dim);
    VIEW(l, a, d_o, qb, a->q_heads, rows, a->v_dim);
    VIEW(l, a, lse, qb, a->q_heads, rows, 1);
    const size_t read = l->count;
    VIEW(l, a, d_q, qb, a->q_heads, rows, a->qk_dim);
    VIEW(l, a, d_k, kb, a->kv_heads, keys, a->qk_dim);
    VIEW(l, a, d_v, kb, a->kv_heads, keys, a->v_dim);
    writes_from(l, read);
}

static void quantize(union sample *s, struct list *l)
{
    heed_quantize_args *a = &s->quantize;

    VIEW(l, a, x, a->batch, a->heads, a->rows, a->dim);
    const size_t read = l->count;
    VIEW(l, a, y, a->batch, a->heads, a->rows, a->dim);
    VIEW(l, a, scales, a->batch, a->heads, a->rows, 1);
    writes_from(l, read);
}

static void dequantize(union sample *s, struct list *l)
{
    heed_dequantize_args *a = &s->dequantize;

    VIEW(l, a, x, a->batch, a->heads, a->rows, a->dim);
    VIEW(l, a, scales, a->batch, a->heads, a->rows, 1);
    const size_t read = l->count;
    VIEW(l, a, y, a->batch, a->heads, a->rows, a->dim);
    writes_from(l, read);
}

static const struct {
    const char *name;
    void (*list)(union sample *s, struct list *list);
} operations[] = {
    {"attention", attention},
    {"scores", scores},
    {"weighted_sum", weighted_sum},
    {"linear", linear},
    {"exp", rows},
    {"softmax", rows},
    {"normalize", rows},
    {"self_attention", self_attention},
    {"merge", merge},
    {"pack_k", pack_k},
    {"rope", rope},
    {"attention_backward", backward},
    {"quantize", quantize},
    {"dequantize", dequantize},
};

size_t sample_views(const struct operation *operation, union sample *sample,
                    struct sample_view views[SAMPLE_VIEWS])
{
    struct list list = {views, 0};

    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (!strcmp(operations[i].name, operation->name))
            operations[i].list(sample, &list);
    return list.count;
}

heed_input sample_view_get(const struct sample_view *view)
{
    heed_input input;

    memcpy(&input, view->at, sizeof input);
    return input;
}

void sample_view_set(const struct sample_view *view, const heed_input *to)
{
    memcpy(view->at, to, sizeof *to);
}
