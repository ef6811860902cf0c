/* SPDX-License-Identifier: MIT */
/* args.c - copies and checks what the caller passes, and says what is wrong with it. */
#include "args.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "float_state.h"

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

/* No later version will need more: what claims to be larger is not looked through. */
enum { LARGEST_STRUCT = 4096 };

bool heed_copy_args(struct heed_check *check, void *to, size_t to_size, size_t least,
                    const void *args)
{
    const unsigned char *bytes = args;
    size_t size;

    if (!args)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "args is NULL");
    memcpy(&size, args, sizeof size);
    if (size > LARGEST_STRUCT)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "struct_size is %zu, no size of a struct",
                           size);
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
    size_t product;

    return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

size_t heed_add(size_t a, size_t b)
{
    return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

static bool is_empty(const struct heed_operand *o)
{
    return !o->count[0] || !o->count[1] || !o->count[2] || !o->dim;
}

/* Elements before and after the first one that the strides reach; SIZE_MAX if too many. */
static void reach(const struct heed_operand *o, size_t *before, size_t *after)
{
    *before = 0;
    *after = o->dim;
    for (int i = 0; i < HEED_DIMS; i++) {
        size_t *side = o->stride[i] < 0 ? before : after;

        *side = heed_add(*side, heed_mul(o->count[i] - 1, heed_magnitude(o->stride[i])));
    }
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
                (least < 0 || heed_magnitude(o->stride[i]) < heed_magnitude(o->stride[least])))
                least = i;
        if (least < 0)
            break;
        if (heed_magnitude(o->stride[least]) < span)
            return true;
        used[least] = true;
        span += (o->count[least] - 1) * heed_magnitude(o->stride[least]);
    }
    return false;
}

/* The greatest common divisor of step and all steps of o, in bytes. */
static size_t common_step(const struct heed_operand *o, size_t step)
{
    for (int i = 0; i < HEED_DIMS; i++) {
        size_t a = o->count[i] > 1 ? heed_magnitude(o->stride[i]) * heed_size(o->dtype) : 0;

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
    if (a->end <= b->begin || b->end <= a->begin)
        return false;

    const size_t step = common_step(a, common_step(b, 0));
    if (!step)
        return true;

    const uintptr_t apart = b->begin - a->begin; /* modulo step, which wraps around with it */
    const size_t from_a = b->begin >= a->begin ? apart % step : (step - (0 - apart) % step) % step;
    return from_a < a->dim * heed_size(a->dtype) || from_a + b->dim * heed_size(b->dtype) > step;
}

/* Stands in for the data of empty operands. */
static const float nothing = 0.0f;

/*
 * Dense strides, which may wrap around for sizes that reach() then refuses; and 0
 * where a stride is never taken: it may be anything, and loops that step past their
 * last row would overflow a pointer by it.
 */
static void resolve_strides(struct heed_operand *o)
{
    if (!o->strided && !o->stride[0] && !o->stride[1] && !o->stride[2]) {
        o->stride[2] = (ptrdiff_t)o->dim;
        o->stride[1] = (ptrdiff_t)heed_mul(o->count[2], o->dim);
        o->stride[0] = (ptrdiff_t)heed_mul(o->count[1], (size_t)o->stride[1]);
    }
    for (int i = 0; i < HEED_DIMS; i++)
        if (o->count[i] == 1)
            o->stride[i] = 0;
}

static bool check_address(struct heed_check *check, struct heed_operand *o)
{
    const size_t size = heed_size(o->dtype);
    const uintptr_t data = (uintptr_t)o->data;
    size_t before, after;

    reach(o, &before, &after);
    if (heed_mul(heed_add(before, after), size) > PTRDIFF_MAX)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s is too large to address", o->name);
    if (!o->data)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s.data is NULL", o->name);
    if (data & (size - 1))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s.data is not aligned to its element",
                           o->name);
    if (data < before * size || UINTPTR_MAX - data < after * size)
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s reaches past the address space",
                           o->name);
    o->begin = data - before * size;
    o->end = data + after * size;
    return true;
}

static bool check_type(struct heed_check *check, const struct heed_operand *o)
{
    static const char *const taken[] = {"HEED_F32", "HEED_F32, HEED_F16 or HEED_BF16",
                                        "HEED_I8 or HEED_F8",
                                        "HEED_F32, HEED_F16, HEED_BF16, HEED_I8 or HEED_F8"};

    if ((o->dtype == HEED_F32 && (o->half || !o->byte)) || (o->half && heed_is_half(o->dtype)) ||
        (o->byte && heed_is_byte(o->dtype)))
        return true;
    return heed_refuse(check, HEED_UNSUPPORTED_TYPE, "%s.dtype is %d, not %s", o->name,
                       (int)o->dtype, taken[o->half + 2 * o->byte]);
}

static bool check_operand(struct heed_check *check, struct heed_operand *o)
{
    if (!check_type(check, o))
        return false;
    if (is_empty(o)) {
        /* Never read, but its address is computed, which NULL would make undefined. */
        o->data = &nothing;
        memset(o->stride, 0, sizeof o->stride);
        return true;
    }
    resolve_strides(o);
    if (!check_address(check, o))
        return false;
    if (o->written && overlaps_itself(o))
        return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s: its strides make rows overlap",
                           o->name);
    return true;
}

/* Whether an output may be the operand before it, and is. */
static bool in_place(const struct heed_operand *y)
{
    const struct heed_operand *x = y - 1;

    return y->in_place && x->data == y->data && x->dtype == y->dtype &&
           !memcmp(x->stride, y->stride, sizeof x->stride);
}

static bool check_apart(struct heed_check *check, const struct heed_operand *operands, size_t count,
                        size_t written)
{
    for (size_t i = 0; i < count; i++)
        if (i != written && may_overlap(&operands[written], &operands[i]) &&
            !(i + 1 == written && in_place(&operands[written])))
            return heed_refuse(check, HEED_INVALID_ARGUMENT, "%s overlaps %s",
                               operands[written].name, operands[i].name);
    return true;
}

bool heed_check_operands(struct heed_check *check, struct heed_operand *operands, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (operands[i].optional && !operands[i].data)
            memset(operands[i].stride, 0, sizeof operands[i].stride); /* tasks compute with them */
        else if (!check_operand(check, &operands[i]))
            return false;
    for (size_t i = 0; i < count; i++)
        if (operands[i].written && !check_apart(check, operands, count, i))
            return false;
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

bool heed_refuse_number(struct heed_check *check, const char *name, float x)
{
    const struct float_control found = heed_floats_begin();
    const volatile float number = x; /* widened in here: NaN might raise a flag */

    heed_refuse(check, HEED_INVALID_ARGUMENT, "%s is %g", name, (double)number);
    heed_floats_end(&found);
    return false;
}

bool heed_check_scale(struct heed_check *check, float scale)
{
    return heed_within(scale, 1e38f) || heed_refuse_number(check, "scale", scale);
}

bool heed_check_heads(struct heed_check *check, size_t q_heads, size_t kv_heads)
{
    if (kv_heads ? q_heads % kv_heads != 0 : q_heads != 0)
        return heed_refuse(check, HEED_INVALID_ARGUMENT,
                           "q_heads (%zu) is no multiple of kv_heads (%zu)", q_heads, kv_heads);
    return true;
}
