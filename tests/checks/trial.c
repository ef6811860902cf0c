/* SPDX-License-Identifier: MIT */
/* trial.c - setting up, calling and judging one random problem. */
#include "trial.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flags.h"
#include "half.h"

static void trial_end(struct trial *trial)
{
    for (size_t i = 0; i < trial->tensor_count; i++)
        guarded_free(&trial->tensors[i].memory);
    for (size_t i = 0; i < trial->memory_count; i++)
        guarded_free(&trial->memory[i]);
    for (size_t i = 0; i < trial->closed_count; i++)
        closed_free(&trial->closed[i]);
    if (trial->workspace.pages)
        guarded_free(&trial->workspace);
    for (size_t i = 0; i < trial->wanted_count; i++)
        free(trial->wanted[i]);
}

bool trials_pass(bool (*problem)(struct trial *trial), size_t count, const heed_isa *isa,
                 uint64_t seed, char *detail, size_t detail_size)
{
    struct trial *trial = malloc(sizeof *trial);
    bool passed = trial != NULL;

    for (size_t i = 0; i < count && passed; i++) {
        *trial = (struct trial){.isa = isa, .index = i, .random = {seed + i}};
        passed = problem(trial);
        if (!passed)
            snprintf(detail, detail_size, "seed %llu, problem %zu: %s: %s",
                     (unsigned long long)seed, i, trial->problem, trial->verdict);
        trial_end(trial);
    }
    free(trial);
    return passed;
}

void trial_describe(struct trial *trial, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(trial->problem, sizeof trial->problem, format, arguments);
    va_end(arguments);
}

bool trial_fails(struct trial *trial, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(trial->verdict, sizeof trial->verdict, format, arguments);
    va_end(arguments);
    return false;
}

struct call {
    heed_status (*operation)(const void *args);
    const void *args;
    heed_status status;
    enum flags_turn turn;
    int found, left; /* flags of exceptions */
};

static void call_operation(void *argument)
{
    struct call *call = argument;

    call->found = flags_begin(call->turn);
    call->status = call->operation(call->args);
    call->left = flags_end();
}

/* Says which tensor an address lies beside. */
static bool fails_at(struct trial *trial, const void *where)
{
    const uintptr_t address = (uintptr_t)where;

    for (size_t i = 0; i < trial->tensor_count; i++) {
        const struct guarded *memory = &trial->tensors[i].memory;
        const uintptr_t pages = (uintptr_t)memory->pages;

        if (address >= pages && address < pages + memory->pages_size)
            return trial_fails(trial, "touched byte %td of the %zu of tensor %zu",
                               (ptrdiff_t)(address - (uintptr_t)memory->data), memory->size, i);
    }
    for (size_t i = 0; i < trial->closed_count; i++) {
        const struct closed *memory = &trial->closed[i];
        const uintptr_t pages = (uintptr_t)memory->pages;

        if (address >= pages && address < pages + memory->size)
            return trial_fails(trial, "touched byte %td of %zu in memory %zu, which nobody sees",
                               (ptrdiff_t)(address - pages), memory->size, i);
    }
    return trial_fails(trial, "touched address %p, or an exception of floats trapped there", where);
}

bool trial_call(struct trial *trial, heed_status (*operation)(const void *args), const void *args)
{
    struct call call = {operation, args, .turn = trial->index % FLAGS_TURNS};
    void *where;

    for (size_t i = 0; i < trial->tensor_count; i++)
        if (trial->tensors[i].input)
            guarded_protect(&trial->tensors[i].memory);
    for (size_t i = 0; i < trial->memory_count; i++)
        guarded_protect(&trial->memory[i]);
    for (size_t i = 0; i < trial->closed_count; i++)
        closed_shut(&trial->closed[i]);
    if (!call_guarded(call_operation, &call, &where))
        return fails_at(trial, where);
    if (call.status != HEED_OK)
        return trial_fails(trial, "status %d, %s", (int)call.status,
                           heed_status_string(call.status));
    if (call.left != call.found)
        return trial_fails(trial, "found exception flags %#x and left %#x", (unsigned)call.found,
                           (unsigned)call.left);
    return true;
}

/* The result of f32, rounded once more to its type. */
static struct bounded rounded_to(heed_dtype type, struct bounded want)
{
    if (type != HEED_F32 && isfinite(want.value))
        want.error += dtype_roundoff(type) * (fabs(want.value) + want.error) + dtype_smallest(type);
    return want;
}

static bool element_accepted(struct trial *trial, const char *name, const struct tensor *view,
                             size_t i, const struct bounded *want)
{
    const struct shape *shape = &view->shape;
    const size_t d = i % shape->dim, r = i / shape->dim % shape->rows;
    const size_t h = i / shape->dim / shape->rows % shape->heads;
    const size_t b = i / shape->dim / shape->rows / shape->heads;
    void *at = tensor_address(view, b, h, r, d);
    const float got = (float)dtype_read(view->dtype, at);

    if (!bounded_accepts(rounded_to(view->dtype, want[i]), got))
        return trial_fails(trial, "%s[%zu][%zu][%zu][%zu] is %.9g, not %.9g within %.3g", name, b,
                           h, r, d, (double)got, want[i].value, want[i].error);
    memset(at, 0xff, dtype_size(view->dtype));
    return true;
}

bool trial_accepts(struct trial *trial, const char *name, const struct tensor *view,
                   const struct bounded *want)
{
    for (size_t i = 0; i < shape_count(view->shape); i++)
        if (!element_accepted(trial, name, view, i, want))
            return false;
    return true;
}

bool trial_untouched(struct trial *trial, const char *name, const struct tensor *output)
{
    return guarded_is_blank(&output->memory) ||
           trial_fails(trial, "wrote outside the view of %s", name);
}
