/* SPDX-License-Identifier: MIT */
/*
 * fuzz_kv_arguments.c - hostile arguments for KV caches, and memory with spoilt headers: a
 * status, never a crash, and the check answers what the call answers.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <heed/heed.h>

#include "bytes.h"
#include "reach.h"

enum { BATCH = 3, HEADS = 2, QK_DIM = 9, V_DIM = 11 };

static const heed_dtype types[] = {HEED_F32, HEED_F16, HEED_BF16, HEED_I8, HEED_F8};
static heed_kv_create_args args;

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    abort();
}

/* A cache of a few rows. */
static heed_kv *begin(struct bytes *bytes)
{
    heed_kv_append_args rows = {HEED_SIZED(heed_kv_append_args), .rows = 5};

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
    if (!args.memory || heed_kv_create(&args, &rows.kv) != HEED_OK ||
        heed_kv_append(&rows) != HEED_OK)
        fail("no cache");
    return rows.kv;
}

/* Whatever the header says, no byte outside is read; what is taken can be used. */
static void reopen(struct bytes *bytes)
{
    const size_t most = args.memory_size < 512 ? args.memory_size : 512;
    char reason[64];
    heed_kv *kv = NULL;

    for (size_t i = bytes_between(bytes, 0, 3); i > 0; i--)
        ((unsigned char *)args.memory)[bytes_word(bytes) % most] = bytes_next(bytes);

    const size_t size = args.memory_size - bytes_between(bytes, 0, 1) * bytes_next(bytes);
    const heed_status status = heed_kv_open_check(args.memory, size, reason, sizeof reason);

    if (!*reason != (status == HEED_OK) || heed_kv_open(args.memory, size, &kv) != status ||
        !kv != (status != HEED_OK))
        fail("open");
    for (size_t b = 0; kv && b < BATCH; b++)
        if (heed_kv_length(kv, b) > SIZE_MAX / 2)
            fail("length");
    heed_kv_destroy(kv);
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
    heed_kv *kv = NULL;

    for (size_t i = bytes_between(bytes, 1, 4); i > 0; i--)
        *sizes[bytes_between(bytes, 0, 4)] = draw_size(bytes);
    a.k_dtype = (heed_dtype)bytes_between(bytes, 0, 7);
    const heed_status status = heed_kv_create_check(&a, reason, sizeof reason);

    if (!*reason != (status == HEED_OK) || heed_kv_create(&a, &kv) != status ||
        !kv != (status != HEED_OK))
        fail("create");
    heed_kv_destroy(kv);
}

static bool reads_ours(heed_kv_append_args *a)
{
    const size_t batch = a->batch ? a->batch : BATCH - a->first_batch;
    const struct sample_view k = {"k", &a->k, false, 0, {batch, HEADS, a->rows, QK_DIM}};
    const struct sample_view v = {"v", &a->v, false, 0, {batch, HEADS, a->rows, V_DIM}};

    return view_within_memory(&k) && view_within_memory(&v);
}

/* Sizes and strides of all kinds: an answer.  What is accepted may read anywhere: then not made. */
static void append_hostile(struct bytes *bytes, heed_kv *kv)
{
    heed_kv_append_args a = {HEED_SIZED(heed_kv_append_args), .kv = kv, .rows = 1};
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

    append_hostile(&bytes, begin(&bytes));
    reopen(&bytes);
    create_hostile(&bytes);
    free(args.memory);
    return 0;
}
