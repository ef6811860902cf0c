/* SPDX-License-Identifier: MIT */
/* typed.h - a matrix as the fused operation sees it: numbers of any type, of 8 bits with scales. */
#ifndef HEED_TOOL_TYPED_H
#define HEED_TOOL_TYPED_H

#include <stdbool.h>

#include "matrix.h"

struct typed {
    heed_dtype type;
    size_t rows, cols;
    void *numbers;
    float *scales; /* [rows]; NULL: none */
};

/* "f32", "f16", "bf16", "i8" or "f8"; false after a complaint. */
bool type_choose(const char *name, heed_dtype *type);
const char *type_name(heed_dtype type);

/* Queries and results have no scales: f32 beside keys and values of 8 bits. */
static inline heed_dtype type_without_scales(heed_dtype type)
{
    return type == HEED_I8 || type == HEED_F8 ? HEED_F32 : type;
}

/* Room for numbers of a type, zeroed. */
struct typed typed_new(heed_dtype type, size_t rows, size_t cols);
/* A matrix rounded to a type; its own numbers become what is left of them. */
heed_status typed_round(struct matrix *m, heed_dtype type, const heed_isa *isa, struct typed *to);
/* The numbers of a type without scales. */
struct matrix typed_read(const struct typed *from);
void typed_free(struct typed *typed);

static inline heed_input typed_in(const struct typed *t)
{
    return (heed_input){.data = t->numbers, .dtype = t->type};
}

static inline heed_input typed_scales(const struct typed *t)
{
    return (heed_input){.data = t->scales, .dtype = HEED_F32};
}

static inline heed_output typed_out(const struct typed *t)
{
    return (heed_output){.data = t->numbers, .dtype = t->type};
}

#endif
