/* SPDX-License-Identifier: MIT */
/* steps.h - self-attention on one sentence, each step kept for a person to see. */
#ifndef HEED_TOOL_STEPS_H
#define HEED_TOOL_STEPS_H

#include <stdbool.h>

#include "matrix.h"
#include "sentence.h"
#include "typed.h"
#include "weights.h"

enum normalization { NORMALIZE_SOFTMAX, NORMALIZE_SUM };

struct steps {
    /* What is given. */
    const struct sentence *sentence;
    const char *text;              /* the sentence as written */
    struct matrix embeddings;      /* one row per word */
    const struct weights *weights; /* NULL: query = key = value = embeddings */
    const heed_isa *isa;
    heed_dtype type; /* of key and value; of query and context too, but for 8 bits f32 */
    enum normalization normalization;
    bool causal;
    float scale; /* not 0 */
    size_t query_count;
    size_t queries[SENTENCE_WORDS]; /* the words to show as query */

    /* What comes out, a row per word of the sentence. */
    struct matrix query, key, value; /* rounded to the type */
    struct matrix scores;            /* query . key, before scaling, before the mask */
    struct matrix softmax, sum;      /* the two normalisations of the scaled scores */
    struct matrix context;           /* by the one that was chosen */
    struct matrix fused;             /* heed_attention(): the same in one call, by softmax */
};

heed_status steps_run(struct steps *steps);
void steps_free(struct steps *steps);

static inline const struct matrix *steps_weights(const struct steps *s)
{
    return s->normalization == NORMALIZE_SUM ? &s->sum : &s->softmax;
}

/* Whether query, key and value differ from the embeddings. */
static inline bool steps_have_projections(const struct steps *s)
{
    return s->weights || s->type != HEED_F32;
}

/* The fused call knows softmax only: then its result is the context. */
static inline bool steps_have_fused(const struct steps *s)
{
    return s->normalization == NORMALIZE_SOFTMAX;
}

/* The largest finite number in the rows of query words; 0 if there is none above. */
float steps_largest(const struct steps *steps, const struct matrix *m);

/* The largest difference between the context made step by step and the fused one. */
float steps_difference(const struct steps *steps);

#endif
