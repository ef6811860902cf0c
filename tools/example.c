/* SPDX-License-Identifier: MIT */
/* example.c - the built-in example; a test compares it with tests/data/example_sentence.json. */
#include "example.h"

#include <string.h>

enum { DIM = 3, PROJECTED_DIM = 2 };

const char example_sentence[] = "Dream big and work for it";

static const struct {
    const char *word;
    float vector[DIM];
} vocabulary[] = {
    {"Dream", {0.75f, 0.42f, 0.31f}}, {"big", {0.90f, 0.50f, 0.40f}},
    {"and", {0.20f, 0.10f, 0.05f}},   {"work", {0.92f, 0.53f, 0.41f}},
    {"for", {0.35f, 0.20f, 0.15f}},   {"it", {0.05f, 0.90f, 0.10f}},
};

static const float query[DIM][PROJECTED_DIM] = {
    {0.2961f, 0.5166f}, {0.2517f, 0.6886f}, {0.0740f, 0.8665f}};
static const float key[DIM][PROJECTED_DIM] = {
    {0.1366f, 0.1025f}, {0.1841f, 0.7264f}, {0.3153f, 0.6871f}};
static const float value[DIM][PROJECTED_DIM] = {
    {0.0756f, 0.1966f}, {0.3164f, 0.4017f}, {0.1186f, 0.8274f}};

void example_embeddings(struct lookup *lookup)
{
    lookup->dim = DIM;
    for (size_t i = 0; i < sizeof vocabulary / sizeof vocabulary[0]; i++) {
        const char *word = vocabulary[i].word;

        if (lookup_meet(lookup, word, strlen(word)))
            lookup_give(lookup, word, strlen(word), vocabulary[i].vector);
    }
}

static struct matrix copy(const float w[DIM][PROJECTED_DIM])
{
    struct matrix m = matrix_new(DIM, PROJECTED_DIM);

    memcpy(m.data, w, sizeof(float[DIM][PROJECTED_DIM]));
    return m;
}

bool example_weights(size_t dim, struct weights *weights)
{
    if (dim != DIM) {
        complain("the example weights are for %d dimensions, these embeddings have %zu", DIM, dim);
        return false;
    }
    *weights = (struct weights){copy(query), copy(key), copy(value)};
    return true;
}
