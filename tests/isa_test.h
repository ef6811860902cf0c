/* SPDX-License-Identifier: MIT */
/* isa_test.h - a Criterion test that runs once for every instruction set in the library. */
#ifndef HEED_TESTS_ISA_TEST_H
#define HEED_TESTS_ISA_TEST_H

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include <heed/heed.h>

enum { MOST_ISAS = 16 };

static inline size_t isa_count(void)
{
    size_t count = 0;

    while (heed_isa_at(count))
        count++;
    return count;
}

/* The parameter is an index: each test runs in a process of its own, where pointers differ. */
static inline struct criterion_test_params isa_parameters(void)
{
    static size_t indices[MOST_ISAS];
    const size_t count = isa_count() < MOST_ISAS ? isa_count() : MOST_ISAS;

    for (size_t i = 0; i < count; i++)
        indices[i] = i;
    return cr_make_param_array(size_t, indices, count);
}

static inline const heed_isa *isa_or_skip(size_t index)
{
    const heed_isa *isa = heed_isa_at(index);

    if (!heed_isa_supported(isa))
        cr_skip_test("%s cannot run on this CPU", heed_isa_name(isa));
    return isa;
}

/* The body that follows sees `isa`. */
#define ISA_TEST(suite, name)                                                                      \
    static void suite##_##name(const heed_isa *isa);                                               \
    ParameterizedTestParameters(suite, name)                                                       \
    {                                                                                              \
        return isa_parameters();                                                                   \
    }                                                                                              \
    ParameterizedTest(size_t *index, suite, name)                                                  \
    {                                                                                              \
        suite##_##name(isa_or_skip(*index));                                                       \
    }                                                                                              \
    static void suite##_##name(const heed_isa *isa)

#endif
