/* SPDX-License-Identifier: MIT */
/* kv_list.c - rows into the list, rounded as the cache rounds them, and out of it. */
#include "kv_list.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "half.h"

struct problem p;
float numbers[NUMBERS];
uint16_t halves[NUMBERS];

void fail(const char *what)
{
    fprintf(stderr, "%s on %s, dims %zu and %zu, types %d and %d, lengths %zu %zu %zu\n", what,
            heed_isa_name(p.args.isa), p.args.qk_dim, p.args.v_dim, (int)p.args.k_dtype,
            (int)p.args.v_dtype, p.list.length[0], p.list.length[1], p.list.length[2]);
    abort();
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

void append_to_list(const heed_kv_append_args *a, size_t seed)
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

void *rows_of(heed_dtype type, const heed_kv_append_args *a, size_t seed, size_t dim)
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

heed_input listed(const rows_of_numbers *rows, size_t dim, heed_dtype type, struct codes *codes,
                  heed_input *scales)
{
    const heed_input x = {.data = rows,
                          .batch_stride = HEADS * CAPACITY * MOST_DIM,
                          .head_stride = CAPACITY * MOST_DIM,
                          .row_stride = MOST_DIM};
    heed_quantize_args a = {HEED_SIZED(heed_quantize_args),
                            .batch = BATCH,
                            .heads = HEADS,
                            .rows = CAPACITY,
                            .dim = dim,
                            .x = x,
                            .y = {.data = codes->rows,
                                  .dtype = type,
                                  .batch_stride = x.batch_stride,
                                  .head_stride = x.head_stride,
                                  .row_stride = x.row_stride},
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
