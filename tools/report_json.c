/* SPDX-License-Identifier: MIT */
/* report_json.c - the steps of attention as one JSON object. */
#include "json.h"
#include "report.h"

static void put_row(struct json *json, const struct matrix *m, size_t row)
{
    json_line(json);
    json_open(json, '[');
    for (size_t d = 0; d < m->cols; d++)
        json_number(json, matrix_row(m, row)[d]);
    json_close(json, ']');
}

/* A row per word of the sentence. */
static void put_words(struct json *json, const char *key, const struct matrix *m)
{
    json_key(json, key);
    json_open(json, '[');
    for (size_t r = 0; r < m->rows; r++)
        put_row(json, m, r);
    json_close(json, ']');
}

/* A row per query word. */
static void put_queries(struct json *json, const struct steps *s, const char *key,
                        const struct matrix *m)
{
    json_key(json, key);
    json_open(json, '[');
    for (size_t i = 0; i < s->query_count; i++)
        put_row(json, m, s->queries[i]);
    json_close(json, ']');
}

static void put_settings(struct json *json, const struct steps *s)
{
    json_key(json, "sentence");
    json_string(json, s->text);
    json_key(json, "tokens");
    json_open(json, '[');
    for (size_t i = 0; i < s->sentence->count; i++)
        json_string(json, s->sentence->words[i]);
    json_close(json, ']');
    json_key(json, "queries");
    json_open(json, '[');
    for (size_t i = 0; i < s->query_count; i++)
        json_string(json, s->sentence->words[s->queries[i]]);
    json_close(json, ']');
    json_key(json, "dim");
    json_size(json, s->embeddings.cols);
    json_key(json, "isa");
    json_string(json, heed_isa_name(s->isa));
    json_key(json, "type");
    json_string(json, type_name(s->type));
    json_key(json, "scale");
    json_number(json, s->scale);
    json_key(json, "causal");
    json_bool(json, s->causal);
    json_key(json, "normalization");
    json_string(json, normalization_name(s->normalization));
}

void report_json(const struct steps *s)
{
    struct json json = {.file = stdout};

    json_open(&json, '{');
    put_settings(&json, s);
    put_words(&json, "embeddings", &s->embeddings);
    if (steps_have_projections(s)) {
        put_queries(&json, s, "query", &s->query);
        put_words(&json, "key", &s->key);
        put_words(&json, "value", &s->value);
    }
    put_queries(&json, s, "scores", &s->scores);
    put_queries(&json, s, "weights", steps_weights(s));
    put_queries(&json, s, "context", &s->context);
    if (steps_have_fused(s))
        put_queries(&json, s, "fused_context", &s->fused);
    json_close(&json, '}');
}
