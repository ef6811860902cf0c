/* SPDX-License-Identifier: MIT */
/*
 * fuzz_kv.c - a KV cache under any sequence of appends and truncations, some of which do not
 * fit: it holds what a plain list of rows holds, and attention over it has the bits of
 * attention over that list, quantised where the cache is of 8 bits.  Its image is that of a
 * new cache to which the rows of the list are appended.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <heed/heed.h>

#include "bytes.h"
#include "half.h"
#include "kv_list.h"

enum { MOST_ROWS = 8, STEPS = 40 };

static const heed_dtype types[] = {HEED_F32, HEED_F16, HEED_BF16, HEED_I8, HEED_F8};

static const heed_isa *draw_isa(struct bytes *bytes)
{
    const size_t choice = bytes_next(bytes);
    size_t count = 0, i = choice;

    while (heed_isa_at(count))
        count++;
    while (!heed_isa_supported(heed_isa_at(i % count)))
        i++;
    return heed_isa_at(i % count);
}

static void begin(struct bytes *bytes)
{
    memset(&p, 0, sizeof p);
    p.args = (heed_kv_create_args){
        HEED_SIZED(heed_kv_create_args),
        .batch = BATCH,
        .kv_heads = HEADS,
        .qk_dim = bytes_between(bytes, 0, MOST_DIM),
        .v_dim = bytes_between(bytes, 0, MOST_DIM),
        .capacity = CAPACITY,
        .k_dtype = types[bytes_between(bytes, 0, 4)],
        .v_dtype = types[bytes_between(bytes, 0, 4)],
        .isa = draw_isa(bytes),
    };
    if (heed_kv_bytes(&p.args, &p.args.memory_size) != HEED_OK)
        fail("no size");
    p.args.memory = aligned_alloc(64, p.args.memory_size);
    if (!p.args.memory)
        fail("no memory");
    memset(p.args.memory, bytes_next(bytes), p.args.memory_size);
    if (heed_kv_create(&p.args, &p.kv) != HEED_OK)
        fail("no cache");
}

/* What the library should say. */
static heed_status answer(const heed_kv_append_args *a)
{
    for (size_t b = 0; b < a->batch; b++)
        if (a->rows > CAPACITY - p.list.length[a->first_batch + b])
            return HEED_CACHE_FULL;
    return HEED_OK;
}

static void append(struct bytes *bytes)
{
    const size_t seed = bytes_next(bytes), first = bytes_between(bytes, 0, BATCH - 1);
    heed_kv_append_args a = {HEED_SIZED(heed_kv_append_args), .kv = &p.kv, .first_batch = first,
                             .batch = bytes_between(bytes, 1, BATCH - first),
                             .rows = bytes_between(bytes, 0, 4) ? 1 : bytes_between(bytes, 0, 90)};

    a.k.dtype = types[bytes_between(bytes, 0, 1)];
    a.v.dtype = types[bytes_between(bytes, 0, 1)];
    a.k.strided = a.v.strided = bytes_next(bytes) % 8 == 7;
    void *k = rows_of(a.k.dtype, &a, seed, p.args.qk_dim);
    void *v = rows_of(a.v.dtype, &a, seed, p.args.v_dim);
    const heed_status status = answer(&a);

    a.k.data = k;
    a.v.data = v;
    if (heed_kv_append(&a) != status)
        fail("append");
    if (status == HEED_OK)
        append_to_list(&a, seed);
    free(k);
    free(v);
}

static void shorten(struct bytes *bytes)
{
    const size_t b = bytes_between(bytes, 0, BATCH), length = bytes_between(bytes, 0, 200);
    const bool right = b < BATCH && length <= p.list.length[b];

    if ((heed_kv_truncate(&p.kv, b, length) == HEED_OK) != right)
        fail("truncate");
    if (right)
        p.list.length[b] = length;
}

static void expect_bits(const heed_attention_args *cached, const heed_attention_args *plain)
{
    const size_t size = BATCH * HEADS * GROUP * plain->q_rows * plain->v_dim * sizeof(float);

    memset(cached->o.data, 0xff, size);
    memset(plain->o.data, 0xff, size);
    if (heed_attention(cached) != HEED_OK || heed_attention(plain) != HEED_OK)
        fail("attention");
    if (memcmp(cached->o.data, plain->o.data, size))
        fail("bits");
}

static void attend(struct bytes *bytes)
{
    static struct codes k, v;
    static float o[2][BATCH * HEADS * GROUP * MOST_ROWS * MOST_DIM];
    heed_attention_args a = {
        HEED_SIZED(heed_attention_args),
        .q_heads = HEADS * GROUP,
        .q_rows = bytes_between(bytes, 1, MOST_ROWS),
        .q = {.data = numbers, .head_stride = 5, .row_stride = 3, .batch_stride = 1},
        .o.data = o[0],
        .mask = (heed_mask)bytes_between(bytes, 0, 1),
        .kv = &p.kv,
    };
    heed_attention_args plain = a;

    plain.kv = NULL;
    plain.isa = p.args.isa;
    plain.batch = BATCH;
    plain.kv_heads = HEADS;
    plain.qk_dim = p.args.qk_dim;
    plain.v_dim = p.args.v_dim;
    plain.kv_rows = CAPACITY;
    plain.k = listed(&p.list.k, p.args.qk_dim, p.args.k_dtype, &k, &plain.k_scales);
    plain.v = listed(&p.list.v, p.args.v_dim, p.args.v_dtype, &v, &plain.v_scales);
    plain.kv_lengths = p.list.length;
    plain.o.data = o[1];
    if (bytes_next(bytes) % 2)
        a.kv_rows = CAPACITY;
    expect_bits(&a, &plain);
}

/* The rows of the list, entry by entry, into a cache of its own: an image of the same bytes. */
static void compare_images(void)
{
    heed_kv_create_args args = p.args;
    heed_kv kv;

    args.memory = aligned_alloc(64, args.memory_size);
    if (!args.memory || heed_kv_create(&args, &kv) != HEED_OK)
        fail("no second cache");
    for (size_t b = 0; b < BATCH; b++) {
        const heed_kv_append_args rows = {
            HEED_SIZED(heed_kv_append_args),
            .kv = &kv,
            .first_batch = b,
            .batch = 1,
            .rows = p.list.length[b],
            .k = {.data = p.list.k[b], .head_stride = CAPACITY * MOST_DIM, .row_stride = MOST_DIM},
            .v = {.data = p.list.v[b], .head_stride = CAPACITY * MOST_DIM, .row_stride = MOST_DIM}};

        if (heed_kv_append(&rows) != HEED_OK)
            fail("append of the list");
    }
    if (memcmp(args.memory, p.args.memory, args.memory_size))
        fail("images");
    free(args.memory);
}

/* Another handle of the same memory, as another process would have it. */
static void reopen(struct bytes *bytes)
{
    const heed_kv_open_args args = {HEED_SIZED(heed_kv_open_args), .memory = p.args.memory,
                                    .memory_size = p.args.memory_size,
                                    .isa = bytes_next(bytes) % 2 ? p.args.isa : NULL};

    heed_kv_info info;

    if (heed_kv_open(&args, &p.kv) != HEED_OK)
        fail("open");
    heed_kv_view(&p.kv, &info, sizeof info);
    p.args.isa = info.isa; /* perhaps another one of as many keys in a panel */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};

    for (size_t i = 0; i < NUMBERS; i++) {
        numbers[i] = (float)((i * 37) % 101) / 50.0f - 1.0f;
        dtype_write(HEED_F16, &halves[i], (double)numbers[NUMBERS - 1 - i]);
    }
    begin(&bytes);
    for (size_t step = 0; step < STEPS && bytes.left; step++) {
        const uint8_t choice = bytes_next(&bytes) % 9;

        if (choice < 5)
            append(&bytes);
        else if (choice < 7)
            shorten(&bytes);
        else if (choice < 8)
            attend(&bytes);
        else
            reopen(&bytes);
        for (size_t b = 0; b < BATCH; b++)
            if (heed_kv_length(&p.kv, b) != p.list.length[b])
                fail("length");
    }
    attend(&bytes);
    compare_images();
    free(p.args.memory);
    return 0;
}
