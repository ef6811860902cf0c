/* SPDX-License-Identifier: MIT */
/* workloads.c - the one table of named shapes.  peers.py reads it as JSON. */
#include "workloads.h"

/* Name, batch, query heads, KV heads, query rows, KV rows, dim, causal, query factor. */
static const struct workload workloads[] = {
    {"sentence", 1, 1, 1, 6, 6, 3, false, 0},              /* the example sentence */
    {"small", 1, 1, 1, 64, 64, 64, false, 0},              /* call overhead meets arithmetic */
    {"bert", 1, 12, 12, 512, 512, 64, false, 0},           /* text encoders */
    {"vit", 1, 12, 12, 197, 197, 64, false, 0},            /* image encoders: an odd length */
    {"batch", 8, 12, 12, 128, 128, 64, false, 0},          /* many short sequences */
    {"minilm", 32, 12, 12, 64, 64, 32, false, 0},          /* sentence embedding */
    {"llama-prefill", 1, 32, 8, 1024, 1024, 128, true, 0}, /* a prompt, grouped heads */
    {"long", 1, 8, 8, 4096, 4096, 64, true, 0},            /* long context */
    {"chunk", 1, 32, 8, 256, 4096, 128, true, 0},          /* chunked prefill */
    {"verify-2", 1, 32, 8, 2, 4096, 128, true, 0},         /* speculative decoding, small batches */
    {"verify-4", 1, 32, 8, 4, 4096, 128, true, 0},
    {"verify-8", 1, 32, 8, 8, 4096, 128, true, 0},
    {"verify-16", 1, 32, 8, 16, 4096, 128, true, 0},
    {"verify-32", 1, 32, 8, 32, 4096, 128, true, 0},
    {"decode-4k", 1, 32, 8, 1, 4096, 128, false, 0},   /* one token, grouped heads */
    {"decode-32k", 1, 32, 8, 1, 32768, 128, false, 0}, /* the same, from memory */
    {"decode-mha", 1, 32, 32, 1, 4096, 128, false, 0}, /* one token, a KV head per query head */
    {"peaky", 1, 8, 8, 1024, 1024, 64, false, 30},     /* denormals, large maxima */
};

enum { WORKLOADS = sizeof workloads / sizeof workloads[0] };

const struct workload *workload_at(size_t index)
{
    return index < WORKLOADS ? &workloads[index] : NULL;
}

double workload_flop(const struct workload *w)
{
    const double scores = (double)(w->batch * w->q_heads * w->q_rows) * (double)w->kv_rows;
    const bool halved = w->causal && w->q_rows == w->kv_rows;

    return (halved ? 2 : 4) * scores * (double)w->dim;
}

double workload_kv_bytes(const struct workload *w)
{
    return 2.0 * sizeof(float) * (double)(w->batch * w->kv_heads * w->kv_rows * w->dim);
}

void workload_list(FILE *out)
{
    for (const struct workload *w = workloads; w < workloads + WORKLOADS; w++)
        fprintf(out,
                "%s{\"name\": \"%s\", \"batch\": %zu, \"q_heads\": %zu, \"kv_heads\": %zu, "
                "\"q_rows\": %zu, \"kv_rows\": %zu, \"dim\": %zu, \"causal\": %s, "
                "\"query_factor\": %g, \"flop\": %.0f, \"kv_bytes\": %.0f}",
                w == workloads ? "[" : ",\n ", w->name, w->batch, w->q_heads, w->kv_heads,
                w->q_rows, w->kv_rows, w->dim, w->causal ? "true" : "false",
                (double)(w->query_factor != 0 ? w->query_factor : 1), workload_flop(w),
                workload_kv_bytes(w));
    fputs("]\n", out);
}
