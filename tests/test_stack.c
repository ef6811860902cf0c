/* SPDX-License-Identifier: MIT */
/*
 * test_stack.c - every call of every operation stays within 12 KiB of stack, counted in a thread
 * whose stack is painted before; and runs in a thread of 16 KiB, or of a large one where frames
 * are larger.
 */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "isa_test.h"
#include "random.h"
#include "samples.h"
#include "sanitizers.h"
#include "stack_calls.h"
#include "typed.h"

enum { BOUND = 12 * 1024, ROOM = 256 * 1024, SMALL = 16 * 1024, PAINT = 0xa5 };

static const heed_isa *typed_isa;

/* The arguments are not on that stack. */
struct call {
    heed_status (*run)(const void *args);
    const void *args;
    heed_status status;
};

static void *make_call(void *argument)
{
    struct call *call = argument;

    call->status = call->run(call->args);
    return NULL;
}

static heed_status do_nothing(const void *args)
{
    (void)args;
    return HEED_OK;
}

/* How much of its stack a thread writes. */
static size_t stack_of(struct call *call, size_t size)
{
    unsigned char *stack = aligned_alloc(4096, size);
    pthread_attr_t attributes;
    pthread_t thread;
    size_t left = 0;

    cr_assert_not_null(stack);
    memset(stack, PAINT, size);
    pthread_attr_init(&attributes);
    cr_assert_eq(pthread_attr_setstack(&attributes, stack, size), 0);
    cr_assert_eq(pthread_create(&thread, &attributes, make_call, call), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
    while (left < size && stack[left] == PAINT)
        left++;
    free(stack);
    return size - left;
}

static void expect_little(const char *name, size_t i, const heed_isa *isa,
                          heed_status (*run)(const void *), const void *args)
{
    struct call nothing = {do_nothing, NULL, HEED_OK}, call = {run, args, HEED_OK};
    const size_t before = stack_of(&nothing, ROOM), after = stack_of(&call, ROOM);

    cr_expect_eq(call.status, HEED_OK, "%s %zu on %s", name, i, heed_isa_name(isa));
    cr_expect_leq(after - before, (size_t)BOUND, "%s %zu on %s takes %zu bytes of stack", name, i,
                  heed_isa_name(isa), after - before);
}

/* Without optimisation, with sanitizers and in emulation of wide vectors frames are larger. */
static bool counts(const heed_isa *isa)
{
#if defined(__OPTIMIZE__) && !defined(HEED_SANITIZED) /* which CMake says */
    return !SANITIZED && !heed_isa_emulated(isa);
#else
    (void)isa;
    return false;
#endif
}

static heed_status call_attention(const void *args)
{
    return heed_attention(args);
}

static const struct operation *operation;

static heed_status call_sample(const void *args)
{
    return operation->call(args);
}

static heed_status call_typed(const void *args)
{
    const struct typed_call *call = args;

    return call->run(typed_isa);
}

/* What needs most comes with all kinds of types and masks. */
ISA_TEST(stack, of_attention)
{
    if (!counts(isa))
        cr_skip_test("%s has larger frames here", heed_isa_name(isa));
    for (size_t i = 0; i < attention_calls(); i++)
        expect_little("attention", i, isa, call_attention, attention_call(i, isa));
}

ISA_TEST(stack, of_operations)
{
    static union sample sample;

    if (!counts(isa))
        cr_skip_test("%s has larger frames here", heed_isa_name(isa));
    for (size_t i = 0; (operation = operation_at(i)); i++) {
        sample = sample_of(operation, isa);
        expect_little(operation->name, i, isa, call_sample, &sample);
    }
}

ISA_TEST(stack, of_types)
{
    static const heed_dtype types[] = {HEED_F32, HEED_F16, HEED_BF16};

    if (!counts(isa))
        cr_skip_test("%s has larger frames here", heed_isa_name(isa));
    typed_isa = isa;
    for (size_t i = 0; typed_call_at(i); i++)
        for (size_t t = 0; t < 9; t++) {
            typed_in = types[t / 3];
            typed_out = types[t % 3];
            expect_little(typed_call_at(i)->name, t, isa, call_typed, typed_call_at(i));
        }
}

/* Emulated units have tiles of their own in each thread, which the system takes from its stack. */
static bool some_are_emulated(void)
{
    for (size_t i = 0; heed_isa_at(i); i++)
        if (heed_isa_emulated(heed_isa_at(i)))
            return true;
    return false;
}

/* The smallest stack that a thread can have: overflowing would crash the test. */
ISA_TEST(stack, may_be_small)
{
    const long least = sysconf(_SC_THREAD_STACK_MIN);
    const size_t small = least > SMALL ? (size_t)least : SMALL;
    const size_t size = counts(isa) && !some_are_emulated() ? small : ROOM;

    for (size_t i = 0; i < attention_calls(); i++)
        stack_of(&(struct call){call_attention, attention_call(i, isa), HEED_OK}, size);
}
