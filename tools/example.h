/* SPDX-License-Identifier: MIT */
/* example.h - the built-in example: a sentence, its embeddings, projection weights. */
#ifndef HEED_TOOL_EXAMPLE_H
#define HEED_TOOL_EXAMPLE_H

#include "lookup.h"
#include "weights.h"

extern const char example_sentence[];

void example_embeddings(struct lookup *lookup);

/* False after a complaint: the weights are for embeddings of three dimensions. */
bool example_weights(size_t dim, struct weights *weights);

#endif
