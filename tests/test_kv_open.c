/* SPDX-License-Identifier: MIT */
/* test_kv_open.c - memory that holds no cache, or none that can be used here, is refused. */
#include <string.h>

#include "isa_test.h"
#include "kv_problem.h"

static unsigned char before[KV_MEMORY];
static size_t bytes;

static void expect_not_opened(size_t size, heed_status status, const char *what)
{
    char reason[160] = "";
    heed_kv *kv = (heed_kv *)(void *)kv_memory;

    memcpy(before, kv_memory, sizeof before);
    cr_expect_eq(heed_kv_open_check(kv_memory, size, reason, sizeof reason), status, "%s", what);
    cr_expect(strstr(reason, "memory"), "%s: \"%s\"", what, reason);
    cr_expect_eq(heed_kv_open(kv_memory, size, &kv), status, "%s", what);
    cr_expect_null(kv, "%s", what);
    cr_expect_arr_eq(kv_memory, before, sizeof before, "%s: wrote", what);
}

/* A good cache, of which one word or byte will be spoilt. */
static void fill(const heed_isa *isa)
{
    const heed_kv_create_args create = kv_create_args(HEED_F16, isa);

    kv_draw(HEED_F16);
    (void)kv_filled(HEED_F16, isa);
    cr_assert_eq(heed_kv_bytes(&create, &bytes), HEED_OK);
}

ISA_TEST(kv_open, what_is_cut_short_or_noise)
{
    heed_kv *kv = NULL;

    fill(isa);
    cr_expect_eq(heed_kv_open(kv_memory, bytes, &kv), HEED_OK);
    expect_not_opened(bytes - 1, HEED_WORKSPACE_TOO_SMALL, "a byte short");
    expect_not_opened(100, HEED_INVALID_ARGUMENT, "no header");
    cr_expect_eq(heed_kv_open(kv_memory + 4, bytes, &kv), HEED_INVALID_ARGUMENT);
    cr_expect_eq(heed_kv_open(NULL, bytes, &kv), HEED_INVALID_ARGUMENT);
    cr_expect_eq(heed_kv_open(kv_memory, bytes, NULL), HEED_INVALID_ARGUMENT);
    memset(kv_memory, 0, sizeof kv_memory);
    expect_not_opened(bytes, HEED_INVALID_ARGUMENT, "zeros");
    memset(kv_memory, 0xa5, sizeof kv_memory);
    expect_not_opened(bytes, HEED_INVALID_ARGUMENT, "noise");
}

/* Places in the header of version 0.1: see kv.h. */
enum { VERSION = 8, ISA_NAME = 16, K_DTYPE = 32, BATCH = 40 };

ISA_TEST(kv_open, other_versions_instruction_sets_and_types)
{
    const size_t huge = SIZE_MAX / 16;

    fill(isa);
    kv_memory[VERSION]++;
    expect_not_opened(bytes, HEED_INVALID_ARGUMENT, "another version");
    fill(isa);
    memcpy(kv_memory + ISA_NAME, "bogus", 6);
    expect_not_opened(bytes, HEED_UNSUPPORTED_ISA, "another instruction set");
    memset(kv_memory + ISA_NAME, 'x', 16);
    expect_not_opened(bytes, HEED_UNSUPPORTED_ISA, "a name without end");
    fill(isa);
    memset(kv_memory + K_DTYPE, 0x7f, 4);
    expect_not_opened(bytes, HEED_UNSUPPORTED_TYPE, "another type");
    fill(isa);
    memset(kv_memory + K_DTYPE, 0, 4);
    expect_not_opened(sizeof kv_memory, HEED_INVALID_ARGUMENT, "panels of another type");
    fill(isa);
    memcpy(kv_memory + BATCH, &huge, sizeof huge);
    expect_not_opened(bytes, HEED_WORKSPACE_TOO_SMALL, "sizes beyond memory");
}

ISA_TEST(kv_open, lengths_and_panels_that_do_not_fit)
{
    heed_kv_info info;

    fill(isa);
    heed_kv_view((heed_kv *)(void *)kv_memory, &info, sizeof info);

    size_t *const lengths =
        (size_t *)(void *)(kv_memory + ((const char *)info.lengths - (const char *)info.memory));
    unsigned char *const panels =
        kv_memory + ((const char *)info.packed_k - (const char *)info.memory);

    lengths[1] = KV_CAPACITY + 1;
    expect_not_opened(bytes, HEED_INVALID_ARGUMENT, "more rows than there is room for");
    fill(isa);
    panels[0]++;
    expect_not_opened(bytes, HEED_INVALID_ARGUMENT, "no packed keys");
}
