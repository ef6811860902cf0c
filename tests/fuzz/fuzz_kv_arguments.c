/* SPDX-License-Identifier: MIT */
/*
 * fuzz_kv_arguments.c - hostile arguments for KV caches, and memory with spoilt headers: a
 * status, never a crash, and the check answers what the call answers.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <heed/heed.h>

#include "bytes.h"
#include "reach.h"

enum { BATCH = 3, HEADS = 2, QK_DIM = 9, V_DIM = 11, HEADER = 128 };

static const heed_dtype types[] = {HEED_F32, HEED_F16, HEED_BF16, HEED_I8, HEED_F8};
static heed_kv_create_args args;
static heed_kv cache;

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    abort();
}

/* A cache of a few rows. */
static void begin(struct bytes *bytes)
{
    heed_kv_append_args rows = {HEED_SIZED(heed_kv_append_args), .kv = &cache, .rows = 5};

    args = (heed_kv_create_args){HEED_SIZED(heed_kv_create_args),
                                 .batch = BATCH,
                                 .kv_heads = HEADS,
                                 .qk_dim = QK_DIM,
                                 .v_dim = V_DIM,
                                 .capacity = 70,
                                 .k_dtype = types[bytes_between(bytes, 0, 4)],
                                 .v_dtype = types[bytes_between(bytes, 0, 4)]};
    if (heed_kv_bytes(&args, &args.memory_size) != HEED_OK)
        fail("no size");
    args.memory = aligned_alloc(64, args.memory_size);
    rows.k.data = rows.v.data = sample_numbers;
    if (!args.memory || heed_kv_create(&args, &cache) != HEED_OK ||
        heed_kv_append(&rows) != HEED_OK)
        fail("no cache");
}

/* Opens memory by a call and its check, which agree; whether there is a cache. */
static bool opens(size_t size, int read_only, heed_kv *kv)
{
    const heed_kv_open_args open = {HEED_SIZED(heed_kv_open_args), .memory = args.memory,
                                    .memory_size = size, .read_only = read_only};
    char reason[64];
    const heed_status status = heed_kv_open_check(&open, reason, sizeof reason);

    if (!*reason != (status == HEED_OK) || heed_kv_open(&open, kv) != status)
        fail("open");
    return status == HEED_OK;
}

/* A bit of one of both headers: refused, whichever it is. */
static void flip(struct bytes *bytes)
{
    heed_kv_info info;
    heed_kv kv;

    heed_kv_view(&cache, &info, sizeof info);
    const size_t at = bytes_between(bytes, 0, 1)
                          ? (size_t)((const char *)info.packed_k - (const char *)info.memory)
                          : 0;
    unsigned char *byte = (unsigned char *)args.memory + at + bytes_between(bytes, 0, HEADER - 1);
    const unsigned char bit = (unsigned char)(1u << bytes_between(bytes, 0, 7));
    *byte ^= bit;
    if (opens(args.memory_size, 0, &kv))
        fail("a flipped bit");
    *byte ^= bit;
    if (!opens(args.memory_size, 1, &kv))
        fail("a bit that was flipped twice");
}

/* As kv_image.c makes it, so that what is wrong has to be found behind it. */
static void write_checksum(unsigned char header[HEADER])
{
    uint64_t hash = 0xcbf29ce484222325;

    for (size_t i = 0; i < HEADER - sizeof hash; i++)
        hash = (hash ^ header[i]) * 0x100000001b3;
    memcpy(header + HEADER - sizeof hash, &hash, sizeof hash);
}

/* What was taken can be used: rows are noise, but no byte outside is touched. */
static void use(heed_kv *kv)
{
    static float o[1 << 12];
    heed_kv_info info;
    heed_attention_args a = {HEED_SIZED(heed_attention_args), .q_rows = 1, .q.data = sample_numbers,
                             .o.data = o, .kv = kv};

    heed_kv_view(kv, &info, sizeof info);
    if (info.bytes > args.memory_size || info.longest > info.capacity)
        fail("sizes");
    a.q_heads = info.kv_heads;
    if (info.batch < 8 && info.kv_heads < 8 && info.qk_dim < 32 && info.v_dim < 32 &&
        heed_attention(&a) != HEED_OK)
        fail("attention");
    for (size_t b = 0; b < info.batch && b < 100; b++)
        if (heed_kv_length(kv, b) > info.capacity ||
            (!info.read_only && heed_kv_truncate(kv, b, 0) != HEED_OK))
            fail("length");
}

/* Whatever the memory says, no byte outside is read. */
static void spoil(struct bytes *bytes)
{
    const size_t most = args.memory_size < 512 ? args.memory_size : 512;
    heed_kv kv;

    for (size_t i = bytes_between(bytes, 0, 3); i > 0; i--)
        ((unsigned char *)args.memory)[bytes_word(bytes) % most] = bytes_next(bytes);
    if (bytes_between(bytes, 0, 3))
        write_checksum(args.memory);

    const size_t size = args.memory_size - bytes_between(bytes, 0, 1) * bytes_next(bytes);
    if (opens(size, bytes_between(bytes, 0, 1), &kv))
        use(&kv);
}

static size_t draw_size(struct bytes *bytes)
{
    static const size_t sizes[] = {
        0, 1, 2, 64, SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / 8, SIZE_MAX / 64};
    const size_t count = sizeof sizes / sizeof *sizes, choice = bytes_between(bytes, 0, count);

    return choice < count ? sizes[choice] : (size_t)bytes_word(bytes);
}

/* Sizes of all kinds: refused with a reason, or made in the memory that there is. */
static void create_hostile(struct bytes *bytes)
{
    heed_kv_create_args a = args;
    size_t *const sizes[] = {&a.batch, &a.kv_heads, &a.qk_dim, &a.v_dim, &a.capacity};
    char reason[64];
    heed_kv kv;

    for (size_t i = bytes_between(bytes, 1, 4); i > 0; i--)
        *sizes[bytes_between(bytes, 0, 4)] = draw_size(bytes);
    a.k_dtype = (heed_dtype)bytes_between(bytes, 0, 7);
    const heed_status status = heed_kv_create_check(&a, reason, sizeof reason);

    if (!*reason != (status == HEED_OK) || heed_kv_create(&a, &kv) != status ||
        (heed_kv_truncate_check(&kv, a.batch, 0, reason, sizeof reason) == HEED_OK))
        fail("create");
}

static bool reads_ours(heed_kv_append_args *a)
{
    const size_t batch = a->batch ? a->batch : BATCH - a->first_batch;
    const struct sample_view k = {"k", &a->k, false, 0, {batch, HEADS, a->rows, QK_DIM}};
    const struct sample_view v = {"v", &a->v, false, 0, {batch, HEADS, a->rows, V_DIM}};

    return view_within_memory(&k) && view_within_memory(&v);
}

/* Sizes and strides of all kinds: an answer.  What is accepted may read anywhere: then not made. */
static void append_hostile(struct bytes *bytes)
{
    heed_kv_append_args a = {HEED_SIZED(heed_kv_append_args), .kv = &cache, .rows = 1};
    char reason[64];

    a.k.data = a.v.data = sample_numbers;
    for (size_t i = bytes_between(bytes, 1, 6); i > 0; i--) {
        const size_t at =
            bytes_between(bytes, 2, offsetof(heed_kv_append_args, parallel) / sizeof(size_t) - 1);
        const size_t word = draw_size(bytes);

        memcpy((char *)&a + at * sizeof word, &word, sizeof word);
    }
    const heed_status status = heed_kv_append_check(&a, reason, sizeof reason);

    if (!*reason != (status == HEED_OK))
        fail("a refusal without a reason, or a reason without a refusal");
    if ((status != HEED_OK || reads_ours(&a)) && heed_kv_append(&a) != status)
        fail("hostile append");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};

    begin(&bytes);
    append_hostile(&bytes);
    flip(&bytes);
    spoil(&bytes);
    create_hostile(&bytes);
    free(args.memory);
    return 0;
}
