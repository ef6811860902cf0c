/* SPDX-License-Identifier: MIT */
/* test_library.c - version, statuses, and which instruction set is chosen. */
#define _DEFAULT_SOURCE /* setenv */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa_test.h"
#include "samples.h"

Test(library, version)
{
    char text[32];

    snprintf(text, sizeof text, "%d.%d.%d", HEED_VERSION_MAJOR, HEED_VERSION_MINOR,
             HEED_VERSION_PATCH);
    cr_expect_str_eq(heed_version_string(), text);
    cr_expect_eq(heed_version(), HEED_VERSION);
}

Test(library, every_status_has_words_of_its_own)
{
    for (int status = HEED_OK; status <= HEED_CACHE_FULL; status++)
        for (int other = HEED_OK; other < status; other++)
            cr_expect_str_neq(heed_status_string((heed_status)status),
                              heed_status_string((heed_status)other));
    cr_expect_not_null(heed_status_string((heed_status)-1));
    cr_expect_not_null(heed_status_string((heed_status)1000));
}

Test(library, instruction_sets_are_found_by_name)
{
    for (size_t i = 0; heed_isa_at(i); i++)
        cr_expect_eq(heed_isa_find(heed_isa_name(heed_isa_at(i))), heed_isa_at(i));
    cr_expect_null(heed_isa_find("bogus"));
    cr_expect_null(heed_isa_find(""));
    cr_expect_null(heed_isa_at(isa_count()));
    cr_expect_null(heed_isa_at((size_t)-1));
    cr_expect(heed_isa_supported(heed_isa_find("scalar")));
}

Test(library, no_instruction_set_is_none)
{
    cr_expect_null(heed_isa_find(NULL));
    cr_expect_str_eq(heed_isa_name(NULL), "none");
    cr_expect_eq(heed_isa_emulated(NULL), 0);
    cr_expect_eq(heed_isa_supported(NULL), 0);
}

/* Nor an instruction set that is wanted and unknown, nor types that attention does not take. */
Test(library, no_unit_takes_what_attention_refuses)
{
    static const heed_dtype queries[] = {HEED_U8, HEED_I8, HEED_BITS, (heed_dtype)99};
    int products[2] = {7, 7};

    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        for (size_t j = 0; heed_isa_at(j); j++) {
            const heed_isa *isa = heed_isa_supported(heed_isa_at(j)) ? heed_isa_at(j) : NULL;

            cr_expect_eq(
                heed_isa_unit(isa, queries[i], HEED_BF16, HEED_BF16, HEED_PRECISION_FAST, products),
                0);
            cr_expect(products[0] == 0 && products[1] == 0);
            cr_expect_eq(
                heed_isa_unit(isa, HEED_BF16, HEED_U8, HEED_BF16, HEED_PRECISION_FAST, NULL), 0);
            cr_expect_eq(
                heed_isa_unit(isa, HEED_BF16, HEED_BF16, HEED_BITS, HEED_PRECISION_FAST, NULL), 0);
        }
}

/* The promise that makes the tests of a native build mean something. */
Test(library, own_instruction_sets_are_native)
{
#if defined(__x86_64__)
    /* avx512 may be emulated where this CPU lacks it: then none of it runs natively anyway. */
    const char *const own[] = {"sse2", "avx2",
                               __builtin_cpu_supports("avx512vl") ? "avx512" : "avx2"};
#elif defined(__aarch64__)
    const char *const own[] = {"neon"};
#elif defined(__arm__)
    const char *const own[] = {"neon32"};
#else
    const char *const own[] = {"scalar"};
#endif

    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        const heed_isa *isa = heed_isa_find(own[i]);

        if (!isa && HEED_TESTS_OF_SOME)
            continue; /* left out on purpose */
        cr_expect_not_null(isa, "%s was not compiled in", own[i]);
        cr_expect_not(isa && heed_isa_emulated(isa), "%s is emulated", own[i]);
    }
}

/* Slower there than what comes next. */
static bool is_passed_over(const char *name)
{
#if defined(__x86_64__)
    return !strcmp(name, "avx512bf16") && !__builtin_cpu_is("amd");
#elif defined(__aarch64__) && defined(__APPLE__)
    return !strcmp(name, "neonbf16");
#else
    (void)name;
    return false;
#endif
}

Test(library, default_is_the_first_that_runs_natively)
{
    size_t i = 0;

    unsetenv("HEED_ISA");
    while (heed_isa_emulated(heed_isa_at(i)) || !heed_isa_supported(heed_isa_at(i)) ||
           is_passed_over(heed_isa_name(heed_isa_at(i))))
        i++;
    cr_expect_eq(heed_isa_default(), heed_isa_at(i), "%s", heed_isa_name(heed_isa_default()));
}

/* Each test runs in a process of its own: its first call reads the variable set here. */
ISA_TEST(library, environment_chooses)
{
    setenv("HEED_ISA", heed_isa_name(isa), 1);
    cr_expect_eq(heed_isa_default(), isa);
    setenv("HEED_ISA", "bogus", 1);
    cr_expect_eq(heed_isa_default(), isa, "the choice of the first call stays");
}

Test(library, empty_environment_chooses_nothing)
{
    setenv("HEED_ISA", "", 1);
    const heed_isa *isa = heed_isa_default();

    cr_assert_not_null(isa);
    cr_expect_not(heed_isa_emulated(isa));
}

static void every_default_call_is_refused(void)
{
    cr_expect_null(heed_isa_default());
    cr_expect_eq(heed_isa_bf16(NULL), 0);
    for (size_t i = 0; operation_at(i); i++) {
        const struct operation *operation = operation_at(i);
        union sample sample = sample_of(operation, NULL);
        char reason[128] = "";

        sample_blank_output();
        cr_expect_eq(operation->call(&sample), HEED_UNSUPPORTED_ISA, "%s", operation->name);
        cr_expect_eq(operation->check(&sample, reason, sizeof reason), HEED_UNSUPPORTED_ISA);
        cr_expect(strstr(reason, "HEED_ISA"), "%s: \"%s\"", operation->name, reason);
        cr_expect(sample_output_is_blank(), "%s", operation->name);

        sample_set_isa(operation, &sample, heed_isa_find("scalar"));
        cr_expect_eq(operation->call(&sample), HEED_OK, "%s: .isa still decides", operation->name);
    }
}

Test(library, bogus_environment_refuses)
{
    setenv("HEED_ISA", "bogus", 1);
    every_default_call_is_refused();
}

Test(library, unsupported_environment_refuses)
{
    size_t i = 0;

    while (heed_isa_at(i) && heed_isa_supported(heed_isa_at(i)))
        i++;
    if (!heed_isa_at(i))
        cr_skip_test("this CPU runs every instruction set of the library");
    setenv("HEED_ISA", heed_isa_name(heed_isa_at(i)), 1);
    every_default_call_is_refused();
}

Test(library, unsupported_argument_is_refused)
{
    static const char nothing[64];

    for (size_t i = 0; operation_at(i); i++) {
        const struct operation *operation = operation_at(i);
        union sample sample = sample_of(operation, (const heed_isa *)(const void *)nothing);
        char reason[128] = "";

        sample_blank_output();
        cr_expect_eq(operation->call(&sample), HEED_UNSUPPORTED_ISA, "%s", operation->name);
        cr_expect_eq(operation->check(&sample, reason, sizeof reason), HEED_UNSUPPORTED_ISA);
        cr_expect(strstr(reason, "isa"), "%s: \"%s\"", operation->name, reason);
        for (size_t j = 0; heed_isa_at(j); j++) {
            sample_set_isa(operation, &sample, heed_isa_at(j));
            if (!heed_isa_supported(heed_isa_at(j)))
                cr_expect_eq(operation->call(&sample), HEED_UNSUPPORTED_ISA, "%s on %s",
                             operation->name, heed_isa_name(heed_isa_at(j)));
        }
        cr_expect(sample_output_is_blank(), "%s", operation->name);
    }
}

Test(library, cpu_description)
{
    heed_cpu_info info;
    unsigned char bytes[sizeof info + 16];

    memset(&info, 0xff, sizeof info);
    heed_cpu(&info, sizeof info);
    cr_expect(memchr(info.brand, 0, sizeof info.brand));
    cr_expect(memchr(info.clusters, 0, sizeof info.clusters));
    memset(bytes, 0xff, sizeof bytes);
    heed_cpu((heed_cpu_info *)(void *)bytes, 8); /* an older caller's struct */
    cr_expect(!memcmp(bytes, info.brand, 8) && bytes[8] == 0xff);
}
