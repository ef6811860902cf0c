/* SPDX-License-Identifier: MIT */
/* fuzz_embeddings.c - anything at all as an embedding file. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "embeddings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* What the reader promises: a reason with each refusal, finite vectors of one size. */
static void check(const struct lookup *lookup, bool good, const struct fault *fault)
{
    require(good == !fault->reason[0]);
    require(!good || lookup->seen > 0);
    for (size_t i = 0; i < lookup->count; i++) {
        require(!lookup->words[i].match == !lookup->words[i].vector);
        for (size_t d = 0; lookup->words[i].vector && d < lookup->dim; d++)
            require(isfinite(lookup->words[i].vector[d]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sentence sentence = {.count = 3, .words = {"a", "Dream", "it"}};
    FILE *file = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
    struct lookup lookup;
    struct fault fault;

    if (!file)
        return 0;
    lookup_begin(&lookup, &sentence);
    check(&lookup, embeddings_read(file, &lookup, &fault, NULL, NULL), &fault);
    lookup_free(&lookup);
    fclose(file);
    return 0;
}
