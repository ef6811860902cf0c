/* SPDX-License-Identifier: MIT */
/* test_structs.c - argument structs of other versions of the header: older, newer, nonsense. */
#include <stddef.h>
#include <string.h>

#include "isa_test.h"
#include "samples.h"

static float want[SAMPLE_OUTPUT];

static void compute(const struct operation *operation, const union sample *sample)
{
    sample_blank_output();
    cr_assert_eq(operation->call(sample), HEED_OK, "%s", operation->name);
}

static void refuses(const struct operation *operation, const union sample *sample, const char *what)
{
    char reason[128] = "";

    sample_blank_output();
    cr_expect_eq(operation->call(sample), HEED_INVALID_ARGUMENT, "%s: %s", operation->name, what);
    cr_expect_eq(operation->check(sample, reason, sizeof reason), HEED_INVALID_ARGUMENT, "%s: %s",
                 operation->name, what);
    cr_expect(sample_output_is_blank(), "%s wrote, %s", operation->name, what);
    cr_expect(!sample || strstr(reason, "struct_size"), "%s: %s: \"%s\"", operation->name, what,
              reason);
}

/* A caller whose header ended before `isa` gets the default one, whatever lies behind. */
Test(structs, older_gets_defaults)
{
    for (size_t i = 0; operation_at(i); i++) {
        const struct operation *operation = operation_at(i);
        union sample sample = sample_of(operation, NULL);

        compute(operation, &sample);
        memcpy(want, sample_output, sizeof want);
        memset((char *)&sample + operation->isa_at, 0x5a, operation->size - operation->isa_at);
        sample.struct_size = operation->isa_at;
        compute(operation, &sample);
        cr_expect_arr_eq(sample_output, want, sizeof want, "%s", operation->name);
    }
}

/* Larger by what this library does not know: fine while it asks for nothing. */
Test(structs, newer_with_zero_tail_is_accepted)
{
    for (size_t i = 0; operation_at(i); i++) {
        const struct operation *operation = operation_at(i);
        struct {
            union sample sample;
            char tail[64];
        } newer = {.sample = sample_of(operation, NULL)};

        compute(operation, &newer.sample);
        memcpy(want, sample_output, sizeof want);
        memset((char *)&newer + operation->size, 0, sizeof newer - operation->size);
        newer.sample.struct_size = operation->size + 64;
        compute(operation, &newer.sample);
        cr_expect_arr_eq(sample_output, want, sizeof want, "%s", operation->name);
    }
}

Test(structs, newer_with_a_request_is_refused)
{
    for (size_t i = 0; operation_at(i); i++) {
        const struct operation *operation = operation_at(i);
        struct {
            union sample sample;
            char tail[64];
        } newer = {.sample = sample_of(operation, NULL)};

        memset((char *)&newer + operation->size, 0, sizeof newer - operation->size);
        newer.sample.struct_size = operation->size + 64;
        ((char *)&newer)[operation->size + 63] = 1;
        refuses(operation, &newer.sample, "last byte of the tail");
        ((char *)&newer)[operation->size + 63] = 0;
        ((char *)&newer)[operation->size] = 1;
        refuses(operation, &newer.sample, "first byte of the tail");
    }
}

Test(structs, tiny_and_missing_are_refused)
{
    static const size_t sizes[] = {0, 1, sizeof(size_t), 2 * sizeof(size_t), 24};

    for (size_t i = 0; operation_at(i); i++) {
        const struct operation *operation = operation_at(i);
        union sample sample = sample_of(operation, NULL);

        for (size_t size = 0; size < sizeof sizes / sizeof *sizes; size++) {
            sample.struct_size = sizes[size];
            refuses(operation, &sample, "tiny");
        }
        refuses(operation, NULL, "missing");
    }
}

/* Whether struct_size is that of a word or of no struct at all: the rest may be unmapped. */
Test(structs, only_struct_size_is_read_of_a_wrong_one)
{
    static const size_t sizes[] = {sizeof(size_t), 5000, SIZE_MAX};

    for (size_t i = 0; operation_at(i); i++)
        for (size_t size = 0; size < sizeof sizes / sizeof *sizes; size++) {
            size_t *alone = malloc(sizeof *alone); /* AddressSanitizer watches what follows */

            *alone = sizes[size];
            cr_expect_eq(operation_at(i)->call((const union sample *)(void *)alone),
                         HEED_INVALID_ARGUMENT);
            free(alone);
        }
}
