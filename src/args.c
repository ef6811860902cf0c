/* SPDX-License-Identifier: MIT */
/* args.c - copies and checks what the caller passes, and says what is wrong with it. */
#include "args.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct heed_operand heed_read(const char *name, const heed_input *view, size_t batch, size_t heads,
                              size_t rows, size_t dim)
{
    return (struct heed_operand){
        .name = name,
        .data = view->data,
        .dtype = view->dtype,
        .count = {batch, heads, rows},
        .dim = dim,
        .stride = {view->batch_stride, view->head_stride, view->row_stride},
    };
}

struct heed_operand heed_written(const char *name, const heed_output *view, size_t batch,
                                 size_t heads, size_t rows, size_t dim)
{
    const heed_input same = {view->data, view->dtype, view->batch_stride, view->head_stride,
                             view->row_stride};
    struct heed_operand o = heed_read(name, &same, batch, heads, rows, dim);

    o.written = true;
    return o;
}

struct heed_check heed_check_begin(char *reason, size_t size)
{
    if (reason && size)
        *reason = '\0';
    return (struct heed_check){reason, reason ? size : 0, HEED_OK};
}

bool heed_refuse(struct heed_check *check, heed_status status, const char *format, ...)
{
    va_list list;

    if (check->status != HEED_OK)
        return false;
    check->status = status;
    va_start(list, format);
    if (check->size)
        vsnprintf(check->reason, check->size, format, list);
    va_end(list);
    return false;
}

bool heed_copy_args(struct heed_check *check, void *to, size_t to_size, size_t least,
                    const void *args)
{
    const unsigned char *bytes = args;
    size_t size;

    if (!args)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "args is NULL");
    memcpy(&size, args, sizeof size);
    if (size < least)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "struct_size is %zu, at least %zu is needed (use HEED_SIZED)", size,
                           least);
    for (size_t i = to_size; i < size; i++)
        if (bytes[i])
            return heed_refuse(check, HEED_INVALID_ARGUMENT,
                               "struct_size is %zu and byte %zu is set: this library (%s) knows "
                               "%zu bytes",
                               size, i, heed_version_string(), to_size);
    memset(to, 0, to_size);
    memcpy(to, args, size < to_size ? size : to_size);
    return true;
}

size_t heed_mul(size_t a, size_t b)
{
    return b && a > SIZE_MAX / b ? SIZE_MAX : a * b;
}

size_t heed_add(size_t a, size_t b)
{
    return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

static size_t magnitude(ptrdiff_t x)
{
    return x < 0 ? (size_t)0 - (size_t)x : (size_t)x;
}

static bool is_empty(const struct heed_operand *o)
{
    return !o->count[0] || !o->count[1] || !o->count[2] || !o->dim;
}

/* Elements from the lowest address to one past the highest; SIZE_MAX if too many. */
static size_t extent(const struct heed_operand *o)
{
    size_t n = o->dim;

    for (int i = 0; i < HEED_DIMS; i++)
        n = heed_add(n, heed_mul(o->count[i] - 1, magnitude(o->stride[i])));
    return n;
}

static uintptr_t lowest(const struct heed_operand *o)
{
    ptrdiff_t at = 0;

    for (int i = 0; i < HEED_DIMS; i++)
        if (o->stride[i] < 0)
            at += (ptrdiff_t)(o->count[i] - 1) * o->stride[i];
    return (uintptr_t)o->data + (uintptr_t)at * sizeof(float);
}

/* Do rows of an output share elements?  Yes unless each stride steps over all smaller ones. */
static bool overlaps_itself(const struct heed_operand *o)
{
    bool used[HEED_DIMS] = {false};
    size_t span = o->dim;

    for (int round = 0; round < HEED_DIMS; round++) {
        int least = -1;

        for (int i = 0; i < HEED_DIMS; i++)
            if (!used[i] && o->count[i] > 1 &&
                (least < 0 || magnitude(o->stride[i]) < magnitude(o->stride[least])))
                least = i;
        if (least < 0)
            break;
        if (magnitude(o->stride[least]) < span)
            return true;
        used[least] = true;
        span += (o->count[least] - 1) * magnitude(o->stride[least]);
    }
    return false;
}

static size_t common_step(const struct heed_operand *o, size_t step)
{
    for (int i = 0; i < HEED_DIMS; i++) {
        size_t a = o->count[i] > 1 ? magnitude(o->stride[i]) : 0;

        while (a) {
            const size_t rest = step % a;

            step = a;
            a = rest;
        }
    }
    return step;
}

/*
 * May a and b share elements?  Not if their address ranges are apart, nor if both
 * step by multiples of one distance in which their rows lie side by side, as those
 * of a packed [row][q k v o] do.
 */
static bool may_overlap(const struct heed_operand *a, const struct heed_operand *b)
{
    const uintptr_t at_a = lowest(a), at_b = lowest(b);

    if (at_a + extent(a) * sizeof(float) <= at_b || at_b + extent(b) * sizeof(float) <= at_a)
        return false;

    const size_t step = common_step(a, common_step(b, 0)) * sizeof(float);
    if (!step)
        return true;

    const size_t from_a =
        (size_t)(at_b > at_a ? (at_b - at_a) % step : (step - (at_a - at_b) % step) % step);
    return from_a < a->dim * sizeof(float) || from_a + b->dim * sizeof(float) > step;
}

/* Stands in for the data of empty operands. */
static const float nothing = 0.0f;

static bool check_operand(struct heed_check *check, struct heed_operand *o)
{
    if (o->dtype != HEED_F32)
        return heed_refuse(check, HEED_UNSUPPORTED_TYPE, "%s.dtype is %d, not HEED_F32", o->name,
                           (int)o->dtype);
    if (is_empty(o)) {
        /* Never read, but its address is computed, which NULL would make undefined. */
        o->data = &nothing;
        memset(o->stride, 0, sizeof o->stride);
        return true;
    }
    if (!o->stride[0] && !o->stride[1] && !o->stride[2]) {
        const size_t head = heed_mul(o->count[2], o->dim), batch = heed_mul(o->count[1], head);

        if (heed_mul(o->count[0], batch) > PTRDIFF_MAX / sizeof(float))
            return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s is too large to address", o->name);
        o->stride[0] = (ptrdiff_t)batch;
        o->stride[1] = (ptrdiff_t)head;
        o->stride[2] = (ptrdiff_t)o->dim;
    }
    if (extent(o) > PTRDIFF_MAX / sizeof(float))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s is too large to address", o->name);
    if (!o->data)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s.data is NULL", o->name);
    if ((uintptr_t)o->data % sizeof(float))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s.data is not aligned to its element",
                           o->name);
    if (lowest(o) + extent(o) * sizeof(float) < lowest(o))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s reaches past the address space",
                           o->name);
    if (o->written && overlaps_itself(o))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s: its strides make rows overlap",
                           o->name);
    return true;
}

bool heed_check_operands(struct heed_check *check, struct heed_operand *operands, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(operands[i].optional && !operands[i].data) && !check_operand(check, &operands[i]))
            return false;
    for (size_t i = 0; i < count; i++) {
        const struct heed_operand *o = &operands[i];

        if (!o->written || !o->data || is_empty(o))
            continue;
        for (size_t j = 0; j < count; j++) {
            const struct heed_operand *other = &operands[j];

            if (i == j || !other->data || is_empty(other))
                continue;
            if (may_overlap(o, other))
                return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s overlaps %s", o->name,
                                   other->name);
        }
    }
    return true;
}

const struct heed_isa *heed_check_isa(struct heed_check *check, const heed_isa *asked)
{
    const struct heed_isa *isa = heed_isa_usable(asked);

    if (!isa)
        heed_refuse(check, HEED_UNSUPPORTED_ISA, "%s",
                    asked ? "isa cannot run on this CPU"
                          : "HEED_ISA names no instruction set that can run here");
    return isa;
}

bool heed_check_heads(struct heed_check *check, size_t q_heads, size_t kv_heads)
{
    if (kv_heads ? q_heads % kv_heads != 0 : q_heads != 0)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "q_heads (%zu) is no multiple of kv_heads (%zu)", q_heads, kv_heads);
    return true;
}
