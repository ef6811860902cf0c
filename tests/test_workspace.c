/* SPDX-License-Identifier: MIT */
/* test_workspace.c - the caller's memory: exact, too small, misaligned, and none to be had. */
#define _DEFAULT_SOURCE
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "guarded.h"
#include "isa_test.h"
#include "random.h"
#include "sanitizers.h"

/* Large enough that no plan fits it into a corner of the stack. */
enum { ROWS = 150, KEYS = 1100, DIM = 72 };

static float numbers[KEYS * DIM], want[ROWS * DIM], got[ROWS * DIM];

static heed_attention_args attention(const heed_isa *isa)
{
    struct random random = {3};

    for (size_t i = 0; i < KEYS * DIM; i++)
        numbers[i] = random_float(&random, -1.0f, 1.0f);
    return (heed_attention_args){
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
        .o.data = want,
        .isa = isa,
    };
}

static heed_self_attention_args self_attention(const heed_isa *isa)
{
    const heed_attention_args a = attention(isa);

    return (heed_self_attention_args){
        HEED_SIZED(heed_self_attention_args),
        .batch = 1,
        .rows = ROWS,
        .model_dim = DIM,
        .q_heads = 2,
        .kv_heads = 1,
        .qk_dim = DIM / 2,
        .v_dim = DIM / 2,
        .x = a.q,
        .wq = a.q,
        .wk = a.k,
        .wv = a.v,
        .o = a.o,
        .isa = isa,
    };
}

/* One operation with a workspace, so that both go through the same tests. */
union args {
    heed_attention_args attention;
    heed_self_attention_args self;
};

struct subject {
    const char *name;
    heed_status (*call)(const union args *);
    heed_status (*ask)(const union args *, size_t *bytes);
    heed_status (*check)(const union args *, char *reason, size_t size);
    void (*set)(union args *, float *o, void *workspace, size_t size);
};

#define SUBJECT(operation, member)                                                                 \
    static heed_status call_##member(const union args *a)                                          \
    {                                                                                              \
        return heed_##operation(&a->member);                                                       \
    }                                                                                              \
    static heed_status ask_##member(const union args *a, size_t *bytes)                            \
    {                                                                                              \
        return heed_##operation##_workspace(&a->member, bytes);                                    \
    }                                                                                              \
    static heed_status check_##member(const union args *a, char *reason, size_t size)              \
    {                                                                                              \
        return heed_##operation##_check(&a->member, reason, size);                                 \
    }                                                                                              \
    static void set_##member(union args *a, float *o, void *workspace, size_t size)                \
    {                                                                                              \
        a->member.o.data = o;                                                                      \
        a->member.workspace = workspace;                                                           \
        a->member.workspace_size = size;                                                           \
    }                                                                                              \
    static const struct subject member##_subject = {#operation, call_##member, ask_##member,       \
                                                    check_##member, set_##member};

SUBJECT(attention, attention)
SUBJECT(self_attention, self)

static void expect_same_with_workspace(const struct subject *s, union args *a)
{
    size_t bytes = 0;

    cr_assert_eq(s->call(a), HEED_OK, "%s", s->name);
    cr_assert_eq(s->ask(a, &bytes), HEED_OK, "%s", s->name);
    for (size_t shift = 0; shift < 64; shift += shift < 4 ? 1 : 13) {
        /* Ends at a guard page, `shift` bytes off any alignment the size has. */
        struct guarded memory = guarded_new(bytes + shift, true);

        memset(got, 0xff, sizeof got);
        s->set(a, got, memory.data, bytes);
        cr_expect_eq(s->call(a), HEED_OK, "%s, %zu bytes off", s->name, shift);
        cr_expect_arr_eq(got, want, sizeof got, "%s, %zu bytes off", s->name, shift);
        guarded_free(&memory);
    }
}

/* Asked without a place for the answer. */
static void expect_no_answer(const struct subject *s, union args *a)
{
    cr_expect_eq(s->ask(a, NULL), HEED_INVALID_ARGUMENT, "%s", s->name);
}

static void expect_too_small(const struct subject *s, union args *a)
{
    static char memory[1 << 20];
    char reason[128] = "";
    size_t bytes = 0, again = 0;

    cr_assert_eq(s->ask(a, &bytes), HEED_OK, "%s", s->name);
    cr_assert(bytes && bytes <= sizeof memory, "%s wants %zu bytes", s->name, bytes);
    memset(got, 0xff, sizeof got);
    memset(memory, 0xff, sizeof memory);
    s->set(a, got, memory, bytes - 1);
    cr_expect_eq(s->call(a), HEED_WORKSPACE_TOO_SMALL, "%s", s->name);
    cr_expect_eq(s->check(a, reason, sizeof reason), HEED_WORKSPACE_TOO_SMALL, "%s", s->name);
    cr_expect(strstr(reason, "workspace"), "%s: \"%s\"", s->name, reason);
    cr_expect_eq(s->ask(a, &again), HEED_OK, "asking is how to find out");
    cr_expect_eq(again, bytes);
    for (size_t i = 0; i < ROWS * DIM; i++)
        cr_assert(got[i] != got[i], "%s wrote into the output", s->name);
    for (size_t i = 0; i < sizeof memory; i++)
        cr_assert_eq(memory[i], (char)0xff, "%s wrote into the workspace", s->name);
}

/* Its last byte used would be the first of the output; or it begins within an input. */
static void expect_no_overlap(const struct subject *s, union args *a)
{
    static float memory[1 << 19];
    char reason[128] = "";
    size_t bytes = 0;

    cr_assert_eq(s->ask(a, &bytes), HEED_OK, "%s", s->name);
    cr_assert_leq(bytes, sizeof memory / 2);
    float *o = memory + sizeof memory / sizeof *memory / 2;
    memset(o, 0xff, sizeof got);
    s->set(a, o, (char *)o - bytes + 1, bytes);
    cr_expect_eq(s->call(a), HEED_INVALID_ARGUMENT, "%s", s->name);
    cr_expect_eq(s->check(a, reason, sizeof reason), HEED_INVALID_ARGUMENT, "%s", s->name);
    cr_expect_str_eq(reason, "workspace overlaps o", "%s", s->name);
    s->set(a, o, (char *)o - bytes, bytes);
    cr_expect_eq(s->call(a), HEED_OK, "%s", s->name);
    s->set(a, got, (char *)numbers + 5, bytes);
    cr_expect_eq(s->call(a), HEED_INVALID_ARGUMENT, "%s", s->name);
    s->set(a, got, (void *)(UINTPTR_MAX - bytes + 2), bytes);
    cr_expect_eq(s->call(a), HEED_INVALID_ARGUMENT, "%s", s->name);
}

/* No page more for this process: a call with a workspace does not notice, one without says so. */
static void expect_no_allocation(const struct subject *s, union args *a)
{
    struct rlimit none = {0}, before;
    size_t bytes = 0;

    if (SANITIZED)
        cr_skip_test("sanitizers need memory of their own");
    cr_assert_eq(s->call(a), HEED_OK);
    cr_assert_eq(s->ask(a, &bytes), HEED_OK);
    void *workspace = malloc(bytes);
    mallopt(M_MMAP_THRESHOLD, 0); /* what the heap has left is not to be used */
    getrlimit(RLIMIT_AS, &before);
    none.rlim_max = before.rlim_max;
    memset(got, 0xff, sizeof got);

    setrlimit(RLIMIT_AS, &none);
    s->set(a, got, workspace, bytes);
    const heed_status with = s->call(a);
    const bool same = !memcmp(got, want, sizeof got);
    memset(got, 0xff, sizeof got);
    s->set(a, got, NULL, 0);
    const heed_status without = s->call(a);
    setrlimit(RLIMIT_AS, &before);

    cr_expect_eq(with, HEED_OK, "%s", s->name);
    cr_expect(same, "%s", s->name);
    cr_expect_eq(without, HEED_OUT_OF_MEMORY, "%s", s->name);
    for (size_t i = 0; i < ROWS * DIM; i++)
        cr_assert(got[i] != got[i], "%s wrote into the output", s->name);
    free(workspace);
}

#define WORKSPACE_TEST(name, expect)                                                               \
    ISA_TEST(workspace, name##_attention)                                                          \
    {                                                                                              \
        union args a = {.attention = attention(isa)};                                              \
                                                                                                   \
        expect(&attention_subject, &a);                                                            \
    }                                                                                              \
    ISA_TEST(workspace, name##_self_attention)                                                     \
    {                                                                                              \
        union args a = {.self = self_attention(isa)};                                              \
                                                                                                   \
        expect(&self_subject, &a);                                                                 \
    }

WORKSPACE_TEST(exact_and_misaligned, expect_same_with_workspace)
WORKSPACE_TEST(one_byte_too_small, expect_too_small)
WORKSPACE_TEST(no_place_for_the_answer, expect_no_answer)
WORKSPACE_TEST(beside_all_views, expect_no_overlap)
WORKSPACE_TEST(saves_the_allocation, expect_no_allocation)
