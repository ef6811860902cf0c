/* SPDX-License-Identifier: MIT */
/* test_stack.c - every operation runs in a thread with 64 KiB of stack. */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <stdlib.h>

#include "isa_test.h"
#include "random.h"
#include "samples.h"
#include "sanitizers.h"

enum { STACK = 64 * 1024, ROOMY = 1024 * 1024 };
enum { ROWS = 70, KEYS = 1100, DIM = 576, MOST = KEYS * DIM };

static void *call_all(void *argument)
{
    for (size_t i = 0; operation_at(i); i++) {
        const union sample sample = sample_of(operation_at(i), argument);

        if (operation_at(i)->call(&sample) != HEED_OK)
            return (void *)operation_at(i)->name;
    }
    return NULL;
}

/* The largest dims and several chunks of keys: what a frame would grow with. */
static void *call_large(void *argument)
{
    float *numbers = calloc(MOST, sizeof *numbers), *o = calloc(ROWS * DIM, sizeof *o);
    const heed_attention_args a = {
        HEED_SIZED(heed_attention_args),
        .batch = 1,
        .q_heads = 1,
        .kv_heads = 1,
        .q_rows = ROWS,
        .kv_rows = KEYS,
        .qk_dim = DIM,
        .v_dim = DIM,
        .q.data = numbers,
        .k.data = numbers,
        .v.data = numbers,
        .o.data = o,
        .isa = argument,
    };
    const heed_status status = heed_attention(&a);

    free(numbers);
    free(o);
    return status == HEED_OK ? NULL : "large attention";
}

/* Sanitizers have frames of their own, and so has what emulates wide vectors in memory. */
static size_t stack_for(const heed_isa *isa)
{
    return SANITIZED || heed_isa_emulated(isa) ? ROOMY : STACK;
}

static void expect_success(void *(*body)(void *), const heed_isa *isa)
{
    pthread_attr_t attributes;
    pthread_t thread;
    void *failed = NULL;

    pthread_attr_init(&attributes);
    cr_assert_eq(pthread_attr_setstacksize(&attributes, stack_for(isa)), 0);
    cr_assert_eq(pthread_create(&thread, &attributes, body, (void *)(uintptr_t)isa), 0);
    pthread_join(thread, &failed);
    cr_expect_null(failed, "%s on %s", (const char *)failed, heed_isa_name(isa));
}

/* Overflowing into the guard page below the stack would crash the test. */
ISA_TEST(stack, is_small)
{
    expect_success(call_all, isa);
    expect_success(call_large, isa);
}
