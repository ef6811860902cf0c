/* SPDX-License-Identifier: MIT */
/* weights.h - the projection weights Wq, Wk and Wv. */
#ifndef HEED_TOOL_WEIGHTS_H
#define HEED_TOOL_WEIGHTS_H

#include <stdbool.h>

#include "matrix.h"

/* Each has one row per dimension of the embeddings; Wq and Wk have as many columns. */
struct weights {
    struct matrix query, key, value;
};

/*
 * From a path, or the built-in "example"; false after a complaint.  A text like
 *     # comment
 *     Wq
 *     0.2961 0.5166
 *     0.2517 0.6886
 * with Wk and Wv alike, in any order.
 */
bool weights_load(const char *name, size_t dim, struct weights *weights);
void weights_free(struct weights *weights);

#endif
