/* SPDX-License-Identifier: MIT */
/* cases.c - every named workload, and of types, packed keys and single operations what differs. */
#include "cases.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 256, NAME_SIZE = 64 };

static struct call_spec cases[MOST];
static char names[MOST][NAME_SIZE];
static size_t count;

static const struct type {
    const char *name;
    heed_dtype type, q_type;
} types[] = {{"f16", HEED_F16, HEED_F32},
             {"bf16", HEED_BF16, HEED_F32},
             {"bf16-qkv", HEED_BF16, HEED_BF16},
             {"i8", HEED_I8, HEED_F32},
             {"f8", HEED_F8, HEED_F32}};

/* Many rows, few, and one: ways of their own through the kernels. */
static const char *const of_types[] = {"bert",     "vit",      "masked-pad", "llama-prefill",
                                       "verify-2", "verify-8", "decode-4k",  "decode-mha"};
static const char *const packed[] = {"llama-prefill", "verify-2",   "verify-8",
                                     "decode-4k",     "decode-32k", "decode-mha"};
static const char *const backward[] = {"small", "batch", "bert", "masked-bias", "window"};

static const struct workload *named(const char *name)
{
    const struct workload *w;

    for (size_t i = 0; (w = workload_at(i)) != NULL; i++)
        if (strcmp(w->name, name) == 0)
            break;
    return w;
}

__attribute__((format(printf, 2, 3))) static void add(struct call_spec spec, const char *format,
                                                      ...)
{
    va_list arguments;

    if (count == MOST)
        return;
    va_start(arguments, format);
    vsnprintf(names[count], NAME_SIZE, format, arguments);
    va_end(arguments);
    spec.name = names[count];
    cases[count++] = spec;
}

static void add_attention(void)
{
    const struct workload *w;

    for (size_t i = 0; (w = workload_at(i)) != NULL; i++)
        add((struct call_spec){.shape = *w}, "attention/f32/%s", w->name);
    for (size_t i = 0; i < sizeof packed / sizeof packed[0]; i++)
        add((struct call_spec){.shape = *named(packed[i]), .packed = true},
            "attention_packed/f32/%s", packed[i]);
    for (const struct type *t = types; t < types + sizeof types / sizeof types[0]; t++) {
        for (size_t i = 0; i < sizeof of_types / sizeof of_types[0]; i++)
            add((struct call_spec){.shape = *named(of_types[i]),
                                   .type = t->type,
                                   .q_type = t->q_type},
                "attention/%s/%s", t->name, of_types[i]);
        add(
            (struct call_spec){
                .shape = *named("decode-4k"), .type = t->type, .q_type = t->q_type, .packed = true},
            "attention_packed/%s/decode-4k", t->name);
    }
    for (size_t i = 0; i < sizeof backward / sizeof backward[0]; i++)
        add((struct call_spec){.shape = *named(backward[i]), .operation = BACKWARD},
            "backward/f32/%s", backward[i]);
}

static void add_caches(void)
{
    static const struct type kinds[] = {
        {"f32", HEED_F32, HEED_F32}, {"bf16", HEED_BF16, HEED_F32}, {"i8", HEED_I8, HEED_F32}};
    const struct workload token = {
        .batch = 1, .q_heads = 8, .kv_heads = 8, .q_rows = 1, .kv_rows = 1, .dim = 128};
    struct workload chunk = token;

    chunk.kv_rows = 64;
    for (const struct type *t = kinds; t < kinds + sizeof kinds / sizeof kinds[0]; t++) {
        add((struct call_spec){.shape = token, .operation = KV_APPEND, .type = t->type},
            "kv_append/%s/token", t->name);
        add((struct call_spec){.shape = chunk, .operation = KV_APPEND, .type = t->type},
            "kv_append/%s/chunk", t->name);
        add((struct call_spec){.shape = *named("verify-2"), .operation = PACK_K, .type = t->type},
            "pack_k/%s/verify-2", t->name);
    }
}

static void add_primitives(void)
{
    static const size_t lengths[] = {64, 1024, 65536};
    const struct primitive *p;

    for (size_t i = 0; (p = primitive_at(i)) != NULL; i++)
        for (size_t n = 0; n < sizeof lengths / sizeof lengths[0]; n++)
            add((struct call_spec){.operation = PRIMITIVE, .primitive = p, .length = lengths[n]},
                "%s/f32/%zu", p->name, lengths[n]);
}

const struct call_spec *gate_case_at(size_t index)
{
    if (count == 0) {
        add_attention();
        add_caches();
        add_primitives();
    }
    return index < count ? &cases[index] : NULL;
}
