/* SPDX-License-Identifier: MIT */
/* args.h - copies and checks what the caller passes, and says what is wrong with it. */
#ifndef HEED_ARGS_H
#define HEED_ARGS_H

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "isa.h"

/* Where a check reports.  The first refusal stands. */
struct heed_check {
    char *reason;
    size_t size;
    heed_status status;
};

enum { HEED_DIMS = 3 }; /* batch, head, row: the dims that have a stride */

/* A view with its shape; strides and addresses are resolved by heed_check_operands(). */
struct heed_operand {
    const char *name;
    const void *data;
    heed_dtype dtype;
    int strided; /* strides that are all 0 are none of dense rows */
    bool half;   /* may be f16 or bf16 */
    bool byte;   /* may be i8 or f8; without `half` it must */
    bool written, optional;
    bool in_place; /* an output that may be exactly the operand before it, however the strides of
                      either are given */
    size_t count[HEED_DIMS], dim;
    ptrdiff_t stride[HEED_DIMS];
    uintptr_t begin, end; /* addresses it may touch; equal for an empty one */
};

/*
 * A view of so many rows that is read, or written.  Inline and member by member, so that it is
 * built where it is kept: a literal is built elsewhere and copied by wider loads than it was
 * stored by, which no core forwards; eight of them took a fifth of a short call.
 */
static inline struct heed_operand heed_read(const char *name, const heed_input *view, size_t batch,
                                            size_t heads, size_t rows, size_t dim)
{
    struct heed_operand o;

    o.name = name;
    o.data = view->data;
    o.dtype = view->dtype;
    o.half = o.byte = o.written = o.optional = o.in_place = false;
    o.strided = view->strided;
    o.count[0] = batch, o.count[1] = heads, o.count[2] = rows;
    o.dim = dim;
    o.stride[0] = view->batch_stride;
    o.stride[1] = view->head_stride;
    o.stride[2] = view->row_stride;
    o.begin = o.end = 0;
    return o;
}

static inline struct heed_operand heed_written(const char *name, const heed_output *view,
                                               size_t batch, size_t heads, size_t rows, size_t dim)
{
    const heed_input same = {view->data,         view->dtype,       view->strided,
                             view->batch_stride, view->head_stride, view->row_stride};
    struct heed_operand o = heed_read(name, &same, batch, heads, rows, dim);

    o.written = true;
    return o;
}

/* Empties the reason. */
struct heed_check heed_check_begin(char *reason, size_t size);

/* Records a refusal, unless there is one; returns false. */
bool heed_refuse(struct heed_check *check, heed_status status, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;

/*
 * Copies a caller's struct of args->struct_size bytes into `to`, the rest zero.
 * Refuses one shorter than `least`, and one with non-zero bytes beyond to_size.
 */
bool heed_copy_args(struct heed_check *check, void *to, size_t to_size, size_t least,
                    const void *args);

/*
 * Resolves dense strides and refuses operands that are missing, of a type other
 * than f32 (or those of `half` and `byte`), misaligned, too large to address, overlapping
 * themselves (outputs) or overlapping an output where that can be seen.
 */
bool heed_check_operands(struct heed_check *check, struct heed_operand *operands, size_t count);

/* Resolves and refuses instruction sets. */
const struct heed_isa *heed_check_isa(struct heed_check *check, const heed_isa *asked);

/* Refuses a number: "<name> is <x>". */
bool heed_refuse_number(struct heed_check *check, const char *name, float x);

/* Is |x| at most `most`?  By their bits: comparing floats may raise flags for NaN, which is not. */
static inline bool heed_within(float x, float most)
{
    uint32_t size, bound;

    memcpy(&size, &x, sizeof size);
    memcpy(&bound, &most, sizeof bound);
    return (size & 0x7fffffff) <= bound;
}

/* Refuses a scale of scores whose product with log2 e is not finite. */
bool heed_check_scale(struct heed_check *check, float scale);

/*
 * The scale that a caller means, 0 being 1/sqrt(qk_dim).  Tasks ask: it rounds, and calls
 * compute nowhere else (float_state.h).
 */
static inline float heed_scale(float asked, size_t qk_dim)
{
    if (asked != 0.0f)
        return asked;
    return qk_dim ? (float)(1.0 / sqrt((double)qk_dim)) : 1.0f;
}

/* Refuses q_heads that are no multiple of kv_heads. */
bool heed_check_heads(struct heed_check *check, size_t q_heads, size_t kv_heads);

/* a b, or SIZE_MAX if that overflows; SIZE_MAX stays SIZE_MAX unless multiplied by 0. */
size_t heed_mul(size_t a, size_t b);
size_t heed_add(size_t a, size_t b);

/* |x|, also of the most negative number. */
static inline size_t heed_magnitude(ptrdiff_t x)
{
    return x < 0 ? (size_t)0 - (size_t)x : (size_t)x;
}

/* How many pieces of b make a, the last one perhaps not full. */
static inline size_t heed_pieces(size_t a, size_t b)
{
    return a / b + (a % b != 0);
}

/* The address of element [batch][head][row][0] of a resolved f32 operand. */
static inline const float *heed_at(const struct heed_operand *o, size_t batch, size_t head,
                                   size_t row)
{
    return (const float *)o->data + (ptrdiff_t)batch * o->stride[0] +
           (ptrdiff_t)head * o->stride[1] + (ptrdiff_t)row * o->stride[2];
}

/* The same for an operand of any type. */
static inline const void *heed_address(const struct heed_operand *o, size_t batch, size_t head,
                                       size_t row)
{
    return heed_after(o->data,
                      (ptrdiff_t)batch * o->stride[0] + (ptrdiff_t)head * o->stride[1] +
                          (ptrdiff_t)row * o->stride[2],
                      o->dtype);
}

static inline float *heed_out(const struct heed_operand *o, size_t batch, size_t head, size_t row)
{
    return (float *)(uintptr_t)heed_at(o, batch, head, row);
}

#endif
