/* SPDX-License-Identifier: MIT */
/* embeddings.h - word vectors from text in the format of GloVe, word2vec and fastText. */
#ifndef HEED_TOOL_EMBEDDINGS_H
#define HEED_TOOL_EMBEDDINGS_H

#include "lines.h"
#include "lookup.h"

/* Told now and then how many bytes were read. */
typedef void embeddings_progress(void *context, unsigned long long bytes);

/*
 * Reads `word v1 v2 ...` lines, optionally behind a header line `words dims`,
 * to the end of the stream and keeps the vectors of the words looked up.  Numbers are counted from
 * the end of a line, for a word may end in one.  Every line is checked, kept or not.  False with
 * *fault filled if the text is wrong.
 */
bool embeddings_read(FILE *file, struct lookup *lookup, struct fault *fault,
                     embeddings_progress *progress, void *context);

/* The same from a path, with the progress on a terminal; false after a complaint. */
bool embeddings_load(const char *path, struct lookup *lookup);

#endif
