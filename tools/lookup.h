/* SPDX-License-Identifier: MIT */
/* lookup.h - finds the vectors of a sentence's words while a vocabulary streams past. */
#ifndef HEED_TOOL_LOOKUP_H
#define HEED_TOOL_LOOKUP_H

#include <stdbool.h>

#include "matrix.h"
#include "near.h"
#include "sentence.h"

enum lookup_match { MATCH_NONE, MATCH_LETTERS, MATCH_EXACT };

struct lookup_word {
    const char *word;
    size_t size;
    float *vector; /* NULL: not found yet */
    enum lookup_match match;
    struct near_words near;
};

struct lookup {
    size_t count, dim;
    struct lookup_word *words;
    size_t seen;     /* words of the vocabulary so far */
    size_t promised; /* by a header; 0 without one */
    char known[160]; /* the first of them, for a message */
    bool known_full;
};

void lookup_begin(struct lookup *lookup, const struct sentence *sentence);
void lookup_free(struct lookup *lookup);

/* Meets the next word of the vocabulary; true if its vector is wanted: then give it. */
bool lookup_meet(struct lookup *lookup, const char *word, size_t size);
void lookup_give(struct lookup *lookup, const char *word, size_t size, const float *vector);

/* One row per word of the sentence; false after a complaint that names what is missing. */
bool lookup_end(const struct lookup *lookup, const char *source, struct matrix *embeddings);

#endif
