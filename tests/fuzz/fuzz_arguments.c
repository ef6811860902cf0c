/* SPDX-License-Identifier: MIT */
/*
 * fuzz_arguments.c - hostile arguments: valid structs of every operation with words
 * overwritten by extremes and noise must yield a status, never a crash.
 *
 * A refused call may hold any pointer, for nothing may be read through it.  An
 * accepted one is made only if all its views lie within our memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "samples.h"
#include "views.h"

enum { PATCHES = 6 };

/* Values around which arithmetic breaks. */
static uint64_t draw_word(struct bytes *bytes)
{
    static const uint64_t words[] = {0,
                                     1,
                                     2,
                                     3,
                                     64,
                                     (uint64_t)-1,
                                     SIZE_MAX,
                                     SIZE_MAX / 2,
                                     SIZE_MAX / 2 + 1,
                                     SIZE_MAX / 4,
                                     SIZE_MAX / 8,
                                     (uint64_t)1 << 32};
    const size_t count = sizeof words / sizeof *words, choice = bytes_between(bytes, 0, count + 2);

    if (choice < count)
        return words[choice];
    return choice == count       ? bytes_next(bytes)
           : choice == count + 1 ? (uint64_t)bytes_signed(bytes)
                                 : bytes_word(bytes);
}

static void patch(struct bytes *bytes, const struct operation *operation, union sample *sample)
{
    const size_t step = sizeof(size_t), words = operation->size / step;
    const size_t at = bytes_between(bytes, 0, words - 1) * step;
    const uint64_t word = draw_word(bytes);
    const size_t value = (size_t)word;

    memcpy((char *)sample + at, &value, step);
}

/* What the library sees: zeros past struct_size. */
static union sample seen_of(const struct operation *operation, const union sample *sample)
{
    union sample seen = *sample;

    memset((char *)&seen + seen.struct_size, 0, operation->size - seen.struct_size);
    return seen;
}

static void fail(const struct operation *operation, const char *what)
{
    fprintf(stderr, "%s: %s\n", operation->name, what);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    size_t operations = 0;
    char reason[64];

    while (operation_at(operations))
        operations++;
    const struct operation *operation = operation_at(bytes_between(&bytes, 0, operations - 1));
    union sample sample = sample_of(operation, NULL);
    for (size_t i = bytes_between(&bytes, 0, PATCHES); i > 0; i--)
        patch(&bytes, operation, &sample);
    /* A larger struct would be longer than ours, and read; and none ends within a pointer. */
    if (sample.struct_size > operation->size)
        sample.struct_size = operation->size;
    sample.struct_size -= sample.struct_size % sizeof(void *);
    views_keep_pointers(operation, &sample);

    sample_blank_output();
    const union sample seen = seen_of(operation, &sample);
    const heed_status status = operation->check(&sample, reason, sizeof reason);
    if (!memchr(reason, 0, sizeof reason))
        fail(operation, "the reason has no end");
    if (!*reason != (status == HEED_OK))
        fail(operation, "a refusal without a reason, or a reason without a refusal");
    if (status != HEED_OK) {
        if (operation->call(&sample) != status)
            fail(operation, "the check answers something else than the call");
        if (!sample_output_is_blank())
            fail(operation, "refused, yet the output was written");
    } else if (views_within_memory(operation, &seen)) {
        if (operation->call(&sample) != HEED_OK)
            fail(operation, "the check accepts what the call refuses");
    }
    return 0;
}
