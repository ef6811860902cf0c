/* SPDX-License-Identifier: MIT */
/* steps.c - self-attention on one sentence through the public operations, one by one. */
#include "steps.h"

#include <math.h>

/* query, key or value: x w, or x itself when there are no weights. */
static heed_status project(const struct steps *s, const struct matrix *w, struct matrix *y)
{
    const struct matrix *x = &s->embeddings;

    *y = matrix_new(x->rows, w ? w->cols : x->cols);
    if (!w) {
        for (size_t i = 0; i < x->rows * x->cols; i++)
            y->data[i] = x->data[i];
        return HEED_OK;
    }
    return heed_linear(&(heed_linear_args){
        HEED_SIZED(heed_linear_args),
        .batch = 1,
        .rows = x->rows,
        .in_dim = x->cols,
        .out_dim = w->cols,
        .x = matrix_in(x),
        .w = matrix_in(w),
        .y = matrix_out(y),
        .isa = s->isa,
    });
}

static heed_status score(const struct steps *s, float scale, struct matrix *scores)
{
    *scores = matrix_new(s->query.rows, s->key.rows);
    return heed_scores(&(heed_scores_args){
        HEED_SIZED(heed_scores_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = s->query.rows,
        .kv_rows = s->key.rows,
        .qk_dim = s->query.cols,
        .q = matrix_in(&s->query),
        .k = matrix_in(&s->key),
        .s = matrix_out(scores),
        .scale = scale,
        .isa = s->isa,
    });
}

/* The scores of keys behind the query become what the normalisation takes as nothing. */
static void hide_future(struct matrix *scores, float nothing)
{
    for (size_t r = 0; r < scores->rows; r++) {
        for (size_t j = r + 1; j < scores->cols; j++)
            matrix_row(scores, r)[j] = nothing;
    }
}

static heed_status normalize(const struct steps *s, heed_status operation(const heed_rows_args *),
                             float nothing, struct matrix *weights)
{
    heed_status status = score(s, s->scale, weights);

    if (s->causal)
        hide_future(weights, nothing);
    return status ? status
                  : operation(&(heed_rows_args){
                        HEED_SIZED(heed_rows_args),
                        .rows = weights->rows,
                        .cols = weights->cols,
                        .x = matrix_in(weights),
                        .y = matrix_out(weights),
                        .isa = s->isa,
                    });
}

/* A result of the type, to be read back. */
static struct typed new_context(const struct steps *s)
{
    return typed_new(type_without_scales(s->type), s->query.rows, s->value.cols);
}

static heed_status weigh(struct steps *s)
{
    struct typed context = new_context(s);
    const heed_status status = heed_weighted_sum(&(heed_weighted_sum_args){
        HEED_SIZED(heed_weighted_sum_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = s->query.rows,
        .kv_rows = s->value.rows,
        .v_dim = s->value.cols,
        .w = matrix_in(steps_weights(s)),
        .v = matrix_in(&s->value),
        .o = typed_out(&context),
        .isa = s->isa,
    });

    s->context = typed_read(&context);
    typed_free(&context);
    return status;
}

/* Query, key and value as one call takes them. */
struct typed_steps {
    struct typed query, key, value;
};

static heed_status fuse(struct steps *s, const struct typed_steps *t)
{
    struct typed fused = new_context(s);
    const heed_status status = heed_attention(&(heed_attention_args){
        HEED_SIZED(heed_attention_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = s->query.rows,
        .kv_rows = s->key.rows,
        .qk_dim = s->query.cols,
        .v_dim = s->value.cols,
        .q = typed_in(&t->query),
        .k = typed_in(&t->key),
        .v = typed_in(&t->value),
        .o = typed_out(&fused),
        .scale = s->scale,
        .mask = s->causal ? HEED_MASK_CAUSAL : HEED_MASK_NONE,
        .isa = s->isa,
        .k_scales = typed_scales(&t->key),
        .v_scales = typed_scales(&t->value),
    });

    s->fused = typed_read(&fused);
    typed_free(&fused);
    return status;
}

static heed_status round_to_type(struct steps *s, struct typed_steps *t)
{
    heed_status status;

    if ((status = typed_round(&s->query, type_without_scales(s->type), s->isa, &t->query)) ||
        (status = typed_round(&s->key, s->type, s->isa, &t->key)))
        return status;
    return typed_round(&s->value, s->type, s->isa, &t->value);
}

static heed_status run(struct steps *s, struct typed_steps *t)
{
    const struct weights *w = s->weights;
    heed_status status;

    if ((status = project(s, w ? &w->query : NULL, &s->query)) ||
        (status = project(s, w ? &w->key : NULL, &s->key)) ||
        (status = project(s, w ? &w->value : NULL, &s->value)) || (status = round_to_type(s, t)) ||
        (status = score(s, 1.0f, &s->scores)) ||
        (status = normalize(s, heed_softmax, -INFINITY, &s->softmax)) ||
        (status = normalize(s, heed_normalize, 0.0f, &s->sum)) || (status = weigh(s)) ||
        (status = fuse(s, t)))
        return status;
    return HEED_OK;
}

heed_status steps_run(struct steps *s)
{
    struct typed_steps typed = {0};
    const heed_status status = run(s, &typed);

    typed_free(&typed.query);
    typed_free(&typed.key);
    typed_free(&typed.value);
    return status;
}

float steps_difference(const struct steps *s)
{
    float largest = 0;

    for (size_t i = 0; i < s->context.rows * s->context.cols; i++)
        largest = fmaxf(largest, fabsf(s->context.data[i] - s->fused.data[i]));
    return largest;
}

float steps_largest(const struct steps *s, const struct matrix *m)
{
    float largest = 0;

    for (size_t i = 0; i < s->query_count; i++) {
        for (size_t j = 0; j < m->cols; j++) {
            if (isfinite(matrix_row(m, s->queries[i])[j]))
                largest = fmaxf(largest, matrix_row(m, s->queries[i])[j]);
        }
    }
    return largest;
}

void steps_free(struct steps *s)
{
    struct matrix *all[] = {&s->embeddings, &s->query, &s->key,     &s->value, &s->scores,
                            &s->softmax,    &s->sum,   &s->context, &s->fused};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        matrix_free(all[i]);
}
