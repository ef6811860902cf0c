/* SPDX-License-Identifier: MIT */
/* workloads.c - the one table of named shapes.  peers.py reads it as JSON. */
#include "workloads.h"

/* Name, batch, query heads, KV heads, query rows, KV rows, dim, causal, query factor, mask, window.
 */
static const struct workload workloads[] = {
    {"sentence", 1, 1, 1, 6, 6, 3, false, 0, NO_MASK, 0},     /* the example sentence */
    {"small", 1, 1, 1, 64, 64, 64, false, 0, NO_MASK, 0},     /* call overhead meets arithmetic */
    {"bert", 1, 12, 12, 512, 512, 64, false, 0, NO_MASK, 0},  /* text encoders */
    {"vit", 1, 12, 12, 197, 197, 64, false, 0, NO_MASK, 0},   /* image encoders: an odd length */
    {"batch", 8, 12, 12, 128, 128, 64, false, 0, NO_MASK, 0}, /* many short sequences */
    {"minilm", 32, 12, 12, 64, 64, 32, false, 0, NO_MASK, 0}, /* sentence embedding */
    {"swin", 64, 3, 3, 49, 49, 32, false, 0, HEAD_BIAS, 0},   /* windows of an image */
    {"sd", 1, 8, 8, 1024, 1024, 40, false, 0, NO_MASK, 0},    /* diffusion of images */
    {"cross", 1, 8, 8, 4096, 77, 40, false, 0, NO_MASK, 0},   /* the same, against a text */
    {"llama-prefill", 1, 32, 8, 1024, 1024, 128, true, 0, NO_MASK, 0}, /* a prompt, grouped heads */
    {"long", 1, 8, 8, 4096, 4096, 64, true, 0, NO_MASK, 0},            /* long context */
    {"window", 1, 2, 2, 16384, 16384, 64, true, 0, NO_MASK, 128},      /* its last keys only */
    {"chunk", 1, 32, 8, 256, 4096, 128, true, 0, NO_MASK, 0},          /* chunked prefill */
    /* Speculative decoding, small batches. */
    {"verify-2", 1, 32, 8, 2, 4096, 128, true, 0, NO_MASK, 0},
    {"verify-4", 1, 32, 8, 4, 4096, 128, true, 0, NO_MASK, 0},
    {"verify-8", 1, 32, 8, 8, 4096, 128, true, 0, NO_MASK, 0},
    {"verify-16", 1, 32, 8, 16, 4096, 128, true, 0, NO_MASK, 0},
    {"verify-32", 1, 32, 8, 32, 4096, 128, true, 0, NO_MASK, 0},
    {"decode-4k", 1, 32, 8, 1, 4096, 128, false, 0, NO_MASK, 0},   /* one token, grouped heads */
    {"decode-32k", 1, 32, 8, 1, 32768, 128, false, 0, NO_MASK, 0}, /* the same, from memory */
    {"decode-mha", 1, 32, 32, 1, 4096, 128, false, 0, NO_MASK, 0}, /* a KV head per query head */
    {"peaky", 1, 8, 8, 1024, 1024, 64, false, 30, NO_MASK, 0},     /* denormals, large maxima */
    /* What masks cost: "batch" with padding, and "bert". */
    {"masked-pad", 8, 12, 12, 128, 128, 64, false, 0, MASK_PAD, 0},
    {"masked-bits", 1, 12, 12, 512, 512, 64, false, 0, MASK_BITS, 0},
    {"masked-bytes", 1, 12, 12, 512, 512, 64, false, 0, MASK_BYTES, 0},
    {"masked-bias", 1, 12, 12, 512, 512, 64, false, 0, BIAS, 0},
};

static const char *const mask_names[] = {"none", "pad", "bits", "bytes", "bias", "head-bias"};

enum { WORKLOADS = sizeof workloads / sizeof workloads[0] };

const struct workload *workload_at(size_t index)
{
    return index < WORKLOADS ? &workloads[index] : NULL;
}

const char *workload_mask_name(const struct workload *w)
{
    return mask_names[w->mask];
}

bool workload_is_plain(const struct workload *w)
{
    return w->mask == NO_MASK && w->window == 0;
}

size_t workload_length(const struct workload *w, size_t batch)
{
    return w->mask == MASK_PAD && batch % 2 ? w->kv_rows - w->kv_rows * batch / (2 * w->batch)
                                            : w->kv_rows;
}

/* Of one head and sequence: pairs of a row and a key that it sees, or all where causal rows of a
 * square problem see half. */
static double pairs(const struct workload *w)
{
    const size_t seen = w->window < w->kv_rows ? w->window : w->kv_rows;

    if (w->window == 0)
        return (double)w->q_rows * (double)w->kv_rows;
    /* The first rows of a square problem see fewer. */
    return (double)w->q_rows * (double)seen -
           (w->q_rows == w->kv_rows ? (double)seen * (double)(seen - 1) / 2 : 0);
}

double workload_flop(const struct workload *w)
{
    const bool halved = w->causal && w->q_rows == w->kv_rows && w->window == 0;

    return (halved ? 2 : 4) * (double)(w->batch * w->q_heads) * pairs(w) * (double)w->dim;
}

double workload_kv_bytes(const struct workload *w)
{
    return 2.0 * sizeof(float) * (double)(w->batch * w->kv_heads * w->kv_rows * w->dim);
}

size_t workload_mask_numbers(const struct workload *w)
{
    switch (w->mask) {
    case MASK_BITS:
    case MASK_BYTES:
    case BIAS:
        return w->q_rows * w->kv_rows;
    case HEAD_BIAS:
        return w->q_heads * w->q_rows * w->kv_rows;
    case NO_MASK:
    case MASK_PAD:
        break;
    }
    return 0;
}

double workload_mask_bytes(const struct workload *w)
{
    const double numbers = (double)workload_mask_numbers(w);

    switch (w->mask) {
    case MASK_PAD:
        return (double)(w->batch * w->kv_rows);
    case MASK_BITS:
        return numbers / 8;
    case MASK_BYTES:
        return numbers;
    case BIAS:
    case HEAD_BIAS:
        return sizeof(float) * numbers;
    case NO_MASK:
        break;
    }
    return 0;
}

size_t workload_numbers(const struct workload *w)
{
    return w->batch * w->q_heads * w->q_rows * w->dim +
           2 * w->batch * w->kv_heads * w->kv_rows * w->dim + workload_mask_numbers(w);
}

static void list_one(FILE *out, const struct workload *w)
{
    fprintf(out,
            "{\"name\": \"%s\", \"batch\": %zu, \"q_heads\": %zu, \"kv_heads\": %zu, "
            "\"q_rows\": %zu, \"kv_rows\": %zu, \"dim\": %zu, \"causal\": %s, "
            "\"query_factor\": %g, \"mask\": \"%s\", \"window\": %zu, \"lengths\": [",
            w->name, w->batch, w->q_heads, w->kv_heads, w->q_rows, w->kv_rows, w->dim,
            w->causal ? "true" : "false", (double)(w->query_factor != 0 ? w->query_factor : 1),
            workload_mask_name(w), w->window);
    for (size_t b = 0; b < w->batch; b++)
        fprintf(out, "%s%zu", b > 0 ? ", " : "", workload_length(w, b));
    fprintf(out, "], \"flop\": %.0f, \"kv_bytes\": %.0f}", workload_flop(w), workload_kv_bytes(w));
}

void workload_list(FILE *out)
{
    for (const struct workload *w = workloads; w < workloads + WORKLOADS; w++) {
        fputs(w == workloads ? "[" : ",\n ", out);
        list_one(out, w);
    }
    fputs("]\n", out);
}
