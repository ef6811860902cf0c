/* SPDX-License-Identifier: MIT */
/* test_kv_open.c - memory that holds no cache, or none that can be used here, is refused. */
#include <string.h>

#include "isa_test.h"
#include "kv_problem.h"
#include "panel_keys.h"

static unsigned char before[KV_MEMORY];
static size_t bytes;
static const heed_isa *filled_by; /* an emulated one is found by name only */

static heed_kv_open_args opening(size_t size)
{
    return (heed_kv_open_args){HEED_SIZED(heed_kv_open_args), .memory = kv_memory,
                               .memory_size = size, .isa = filled_by};
}

static void expect_refused(const heed_kv_open_args *args, heed_status status, const char *named)
{
    char reason[160] = "";
    heed_kv kv;

    memset(&kv, 0xff, sizeof kv);
    memcpy(before, kv_memory, sizeof before);
    cr_expect_eq(heed_kv_open_check(args, reason, sizeof reason), status, "%s: \"%s\"", named,
                 reason);
    cr_expect(strstr(reason, named), "%s: \"%s\"", named, reason);
    cr_expect_eq(heed_kv_open(args, &kv), status, "%s", named);
    cr_expect_eq(heed_kv_truncate(&kv, 0, 0), HEED_INVALID_ARGUMENT, "%s: a handle", named);
    cr_expect_arr_eq(kv_memory, before, sizeof before, "%s: wrote", named);
}

static void expect_not_opened(size_t size, heed_status status, const char *named)
{
    const heed_kv_open_args args = opening(size);

    expect_refused(&args, status, named);
}

/* A good cache, of which one word or byte will be spoilt. */
static void fill(const heed_isa *isa)
{
    const heed_kv_create_args create = kv_create_args(HEED_F16, isa);

    filled_by = isa;
    kv_draw(HEED_F16);
    (void)kv_filled(HEED_F16, isa);
    cr_assert_eq(heed_kv_bytes(&create, &bytes), HEED_OK);
}

ISA_TEST(kv_open, what_is_cut_short_or_noise)
{
    heed_kv kv;

    fill(isa);
    heed_kv_open_args args = opening(bytes);
    cr_expect_eq(heed_kv_open(&args, &kv), HEED_OK);
    expect_not_opened(bytes - 1, HEED_WORKSPACE_TOO_SMALL, "memory_size");
    expect_not_opened(100, HEED_WORKSPACE_TOO_SMALL, "memory_size");
    args.memory = NULL;
    expect_refused(&args, HEED_INVALID_ARGUMENT, "memory is NULL");
    for (size_t offset = 1; offset < 64; offset++) {
        args.memory = kv_memory + offset;
        expect_refused(&args, HEED_INVALID_ARGUMENT, "aligned");
    }
    cr_expect_eq(heed_kv_open(&args, NULL), HEED_INVALID_ARGUMENT);
    cr_expect_eq(heed_kv_open(NULL, &kv), HEED_INVALID_ARGUMENT);
    args = opening(bytes);
    args.struct_size = 8;
    expect_refused(&args, HEED_INVALID_ARGUMENT, "struct_size");
    memset(kv_memory, 0, sizeof kv_memory);
    expect_not_opened(bytes, HEED_INVALID_ARGUMENT, "memory holds no KV cache");
    memset(kv_memory, 0xa5, sizeof kv_memory);
    expect_not_opened(bytes, HEED_INVALID_ARGUMENT, "memory holds no KV cache");
}

/* Both headers, the padding in them too: whatever bit is flipped, it is not opened. */
ISA_TEST(kv_open, no_bit_of_the_headers_may_flip)
{
    heed_kv_info info;
    heed_kv kv;

    fill(isa);
    heed_kv_open_args args = opening(bytes);
    kv = kv_opened(kv_memory, bytes, 1, isa);
    heed_kv_view(&kv, &info, sizeof info);

    unsigned char *const headers[] = {
        kv_memory, kv_memory + ((const char *)info.packed_k - (const char *)info.memory)};
    for (size_t h = 0; h < 2; h++)
        for (size_t bit = 0; bit < 8 * 128; bit++) {
            headers[h][bit / 8] ^= (unsigned char)(1u << bit % 8);
            /* INVALID_ARGUMENT: what the header says is not believed, be it an unsupported type. */
            cr_expect_eq(heed_kv_open(&args, &kv), HEED_INVALID_ARGUMENT, "bit %zu of header %zu",
                         bit, h);
            headers[h][bit / 8] ^= (unsigned char)(1u << bit % 8);
        }
    cr_expect_eq(heed_kv_open(&args, &kv), HEED_OK);
}

/* The header of version 0.1, see kv.h; and its checksum, so that what is wrong is found behind it.
 */
struct header {
    char magic[8];
    uint32_t byte_order, word_size;
    int32_t version, k_dtype, v_dtype;
    uint32_t panel_keys;
    uint64_t batch, kv_heads, qk_dim, v_dim, capacity, bytes;
    unsigned char zeros[40];
    uint64_t checksum;
};

static void write_header(struct header h)
{
    uint64_t hash = 0xcbf29ce484222325;

    for (size_t i = 0; i < offsetof(struct header, checksum); i++)
        hash = (hash ^ ((const unsigned char *)&h)[i]) * 0x100000001b3;
    h.checksum = hash;
    memcpy(kv_memory, &h, sizeof h);
}

#define SPOILT(member, value, status, named)                                                       \
    do {                                                                                           \
        struct header changed = right;                                                             \
        changed.member = value;                                                                    \
        write_header(changed);                                                                     \
        expect_not_opened(sizeof kv_memory, status, named);                                        \
    } while (0)

ISA_TEST(kv_open, headers_of_others)
{
    const uint64_t sizes[] = {0, 1, SIZE_MAX / 16, SIZE_MAX / 2 + 1, SIZE_MAX, UINT64_MAX / 24};
    struct header right;

    fill(isa);
    memcpy(&right, kv_memory, sizeof right);
    write_header(right);
    cr_expect_eq(((const struct header *)(const void *)kv_memory)->checksum, right.checksum);
    SPOILT(byte_order, 0x04030201, HEED_INVALID_ARGUMENT, "byte order");
    SPOILT(byte_order, 0, HEED_INVALID_ARGUMENT, "headers");
    SPOILT(word_size, sizeof(size_t) == 8 ? 4 : 8, HEED_INVALID_ARGUMENT, "words");
    SPOILT(version, HEED_VERSION + 1, HEED_INVALID_ARGUMENT, "version");
    SPOILT(k_dtype, 99, HEED_UNSUPPORTED_TYPE, "k_dtype");
    SPOILT(v_dtype, HEED_U8, HEED_UNSUPPORTED_TYPE, "v_dtype");
    SPOILT(k_dtype, HEED_BF16, HEED_INVALID_ARGUMENT, "headers");
    SPOILT(panel_keys, 17, HEED_INVALID_ARGUMENT, "those of memory have 17");
    filled_by = NULL;
    SPOILT(panel_keys, 17, HEED_UNSUPPORTED_ISA, "panels of 17 keys");
    filled_by = isa;
    SPOILT(bytes, right.bytes - 64, HEED_INVALID_ARGUMENT, "headers");
    SPOILT(zeros[39], 1, HEED_INVALID_ARGUMENT, "headers");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct header changed = right;
        uint64_t *const members[] = {&changed.batch, &changed.kv_heads, &changed.qk_dim,
                                     &changed.v_dim, &changed.capacity};

        for (size_t m = 0; m < sizeof members / sizeof *members; m++) {
            const heed_kv_open_args args = opening(bytes);
            heed_kv kv;

            changed = right;
            *members[m] = sizes[i];
            write_header(changed);
            cr_expect_neq(heed_kv_open(&args, &kv), HEED_OK, "member %zu, size %zu", m, i);
        }
    }
}

ISA_TEST(kv_open, lengths_that_do_not_fit)
{
    heed_kv_info info;

    fill(isa);
    heed_kv kv = kv_opened(kv_memory, bytes, 0, isa);
    heed_kv_view(&kv, &info, sizeof info);

    size_t *const lengths =
        (size_t *)(void *)(kv_memory + ((const char *)info.lengths - (const char *)info.memory));
    heed_kv_open_args args = opening(bytes);
    lengths[1] = KV_CAPACITY + 1;
    expect_refused(&args, HEED_INVALID_ARGUMENT, "entry 1");
    /* What has been opened already is not led out of its memory either. */
    const heed_kv_append_args rows = kv_rows_of(&kv, 1, 1, 0, 1);
    static float o[KV_OUTPUT];
    const heed_attention_args a = kv_attention_of(&kv, o);
    lengths[1] = SIZE_MAX;
    cr_expect_eq(heed_kv_append(&rows), HEED_CACHE_FULL);
    cr_expect_eq(heed_kv_truncate(&kv, 1, 3), HEED_INVALID_ARGUMENT);
    cr_expect_eq(heed_attention(&a), HEED_INVALID_ARGUMENT);
}

/* Kernels of as many keys in a panel, by name or found for it. */
ISA_TEST(kv_open, which_instruction_set)
{
    fill(isa);
    for (size_t i = 0; heed_isa_at(i); i++) {
        const heed_isa *other = heed_isa_at(i);
        heed_kv_open_args args = opening(bytes);
        heed_kv_info info;
        heed_kv kv;

        args.isa = other;
        if (!heed_isa_supported(other)) {
            expect_refused(&args, HEED_UNSUPPORTED_ISA, "isa");
        } else if (panel_keys(other) != panel_keys(isa)) {
            expect_refused(&args, HEED_INVALID_ARGUMENT, "isa");
        } else {
            cr_expect_eq(heed_kv_open(&args, &kv), HEED_OK);
            heed_kv_view(&kv, &info, sizeof info);
            cr_expect_eq(info.isa, other);
        }
    }
}

ISA_TEST(kv_open, finds_an_instruction_set)
{
    const heed_isa *best = heed_isa_default();
    heed_kv_open_args args = opening(0);
    heed_kv_info info;
    heed_kv kv;

    fill(isa);
    args.memory_size = bytes;
    args.isa = NULL;
    for (size_t i = 0; panel_keys(best) != panel_keys(isa); i++) {
        if (!heed_isa_at(i)) { /* emulated ones are taken by name only */
            expect_refused(&args, HEED_UNSUPPORTED_ISA, "memory has panels");
            return;
        }
        if (heed_isa_supported(heed_isa_at(i)) && !heed_isa_emulated(heed_isa_at(i)) &&
            panel_keys(heed_isa_at(i)) == panel_keys(isa))
            best = heed_isa_at(i);
    }
    cr_assert_eq(heed_kv_open(&args, &kv), HEED_OK);
    heed_kv_view(&kv, &info, sizeof info);
    cr_expect_eq(panel_keys(info.isa), panel_keys(isa));
    cr_expect(!heed_isa_emulated(info.isa) || info.isa == heed_isa_default());
}
