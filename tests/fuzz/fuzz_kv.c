/* SPDX-License-Identifier: MIT */
/*
 * fuzz_kv.c - a KV cache under any sequence of appends and truncations, some of which do not
 * fit: it holds what a plain list of rows holds, and attention over it has the bits of
 * attention over that list, quantised where the cache is of 8 bits.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <heed/heed.h>

#include "bytes.h"
#include "half.h"

enum { BATCH = 3, HEADS = 2, GROUP = 2, CAPACITY = 150, MOST_DIM = 20, STEPS = 40 };
enum { NUMBERS = 256, MOST_ROWS = 8 };

typedef float rows_of_numbers[BATCH][HEADS][CAPACITY][MOST_DIM];

/* What the cache must hold: rows of numbers in its types, for 8 bits as they came. */
struct list {
    size_t length[BATCH];
    rows_of_numbers k, v;
};

/* The same of 8 bits. */
struct codes {
    uint8_t rows[BATCH][HEADS][CAPACITY][MOST_DIM];
    float scales[BATCH][HEADS][CAPACITY];
};

struct problem {
    heed_kv_create_args args;
    heed_kv *kv;
    struct list list;
};

static const heed_dtype types[] = {HEED_F32, HEED_F16, HEED_BF16, HEED_I8, HEED_F8};
static struct problem p;
static float numbers[NUMBERS];
static uint16_t halves[NUMBERS];

static void fail(const char *what)
{
    fprintf(stderr, "%s on %s, dims %zu and %zu, types %d and %d, lengths %zu %zu %zu\n", what,
            heed_isa_name(p.args.isa), p.args.qk_dim, p.args.v_dim, (int)p.args.k_dtype,
            (int)p.args.v_dtype, p.list.length[0], p.list.length[1], p.list.length[2]);
    abort();
}

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
    if (!p.args.memory || heed_kv_create(&p.args, &p.kv) != HEED_OK)
        fail("no cache");
}

/* The numbers of row r of entry b and a head, from the same few again and again. */
static size_t number_at(size_t seed, size_t b, size_t head, size_t r)
{
    return (seed + 31 * b + 57 * head + 13 * r) % (NUMBERS - MOST_DIM);
}

static bool is_byte(heed_dtype type)
{
    return type == HEED_I8 || type == HEED_F8;
}

static float kept(heed_dtype as, heed_dtype from, size_t at)
{
    unsigned char x[sizeof(float)];

    if (is_byte(as))
        as = HEED_F32;
    dtype_write(as, x, from == HEED_F32 ? (double)numbers[at] : dtype_read(from, &halves[at]));
    return (float)dtype_read(as, x);
}

static void append_to_list(const heed_kv_append_args *a, size_t seed)
{
    for (size_t i = 0; i < a->batch * HEADS * a->rows; i++) {
        const size_t r = i % a->rows, head = i / a->rows % HEADS, b = i / a->rows / HEADS;
        const size_t entry = a->first_batch + b;
        const size_t at = a->k.strided ? number_at(seed, 0, 0, 0) : number_at(seed, b, head, r);

        for (size_t d = 0; d < MOST_DIM; d++) {
            p.list.k[entry][head][p.list.length[entry] + r][d] =
                kept(p.args.k_dtype, a->k.dtype, at + d);
            p.list.v[entry][head][p.list.length[entry] + r][d] =
                kept(p.args.v_dtype, a->v.dtype, at + d);
        }
    }
    for (size_t b = 0; b < a->batch; b++)
        p.list.length[a->first_batch + b] += a->rows;
}

/* What the library should say. */
static heed_status answer(const heed_kv_append_args *a)
{
    for (size_t b = 0; b < a->batch; b++)
        if (a->rows > CAPACITY - p.list.length[a->first_batch + b])
            return HEED_CACHE_FULL;
    return HEED_OK;
}

/* The rows of all that is appended, dense in memory that ends with them; or one for all. */
static void *rows_of(heed_dtype type, const heed_kv_append_args *a, size_t seed, size_t dim)
{
    const size_t rows = a->k.strided ? 1 : a->batch * HEADS * a->rows, size = dtype_size(type);
    char *x = malloc(rows * dim * size + 1);

    for (size_t i = 0; i < rows; i++) {
        const size_t in_head = a->rows ? a->rows : 1; /* of one row for none */
        const size_t at = number_at(seed, i / in_head / HEADS, i / in_head % HEADS, i % in_head);

        memcpy(x + i * dim * size,
               type == HEED_F32 ? (const void *)&numbers[at] : (const void *)&halves[at],
               dim * size);
    }
    return x;
}

static void append(struct bytes *bytes)
{
    const size_t seed = bytes_next(bytes), first = bytes_between(bytes, 0, BATCH - 1);
    heed_kv_append_args a = {HEED_SIZED(heed_kv_append_args), .kv = p.kv, .first_batch = first,
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

    if ((heed_kv_truncate(p.kv, b, length) == HEED_OK) != right)
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

/* Rows of the list in a type, and their scales, if it has any. */
static heed_input listed(const rows_of_numbers *rows, size_t dim, heed_dtype type,
                         struct codes *codes, heed_input *scales)
{
    const heed_input x = {.data = rows,
                          .batch_stride = HEADS * CAPACITY * MOST_DIM,
                          .head_stride = CAPACITY * MOST_DIM,
                          .row_stride = MOST_DIM};
    const heed_output y = {.data = codes->rows,
                           .dtype = type,
                           .batch_stride = x.batch_stride,
                           .head_stride = x.head_stride,
                           .row_stride = x.row_stride};
    heed_quantize_args a = {HEED_SIZED(heed_quantize_args),
                            .batch = BATCH,
                            .heads = HEADS,
                            .rows = CAPACITY,
                            .dim = dim,
                            .x = x,
                            .y = y,
                            .scales = {.data = codes->scales},
                            .isa = p.args.isa};

    if (!is_byte(type))
        return x;
    if (heed_quantize(&a) != HEED_OK)
        fail("quantize");
    scales->data = codes->scales;
    return (heed_input){.data = codes->rows,
                        .dtype = type,
                        .batch_stride = x.batch_stride,
                        .head_stride = x.head_stride,
                        .row_stride = x.row_stride};
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
        .kv = p.kv,
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
        const uint8_t choice = bytes_next(&bytes) % 8;

        if (choice < 5)
            append(&bytes);
        else if (choice < 7)
            shorten(&bytes);
        else
            attend(&bytes);
        for (size_t b = 0; b < BATCH; b++)
            if (heed_kv_length(p.kv, b) != p.list.length[b])
                fail("length");
    }
    attend(&bytes);
    heed_kv_destroy(p.kv);
    free(p.args.memory);
    return 0;
}
