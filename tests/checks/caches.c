/* SPDX-License-Identifier: MIT */
/* caches.c - a KV cache filled by calls that are cut at random. */
#include "caches.h"

#include "pieces.h"

static heed_status append(const void *args)
{
    return heed_kv_append(args);
}

/* Rows [first, first + rows) of entries [b, b + batch). */
static bool append_rows(struct trial *trial, heed_kv *kv, const struct tensor *k,
                        const struct tensor *v, size_t b, size_t batch, size_t first, size_t rows)
{
    const heed_kv_append_args args = {HEED_SIZED(heed_kv_append_args),
                                      .kv = kv,
                                      .first_batch = b,
                                      .batch = batch,
                                      .rows = rows,
                                      .k = rows_from(k, b, first),
                                      .v = rows_from(v, b, first),
                                      .parallel = trial_parallel(trial)};

    return trial_call(trial, append, &args);
}

/* Appends other rows than those that come next, and drops them. */
static bool detour(struct trial *trial, heed_kv *kv, const struct tensor *k, const struct tensor *v,
                   size_t b, size_t room)
{
    const size_t length = heed_kv_length(kv, b), rows = random_below(&trial->random, room + 1);

    if (!append_rows(trial, kv, k, v, b, 1, 0, rows))
        return false;
    if (heed_kv_truncate(kv, b, length) != HEED_OK || heed_kv_length(kv, b) != length)
        return trial_fails(trial, "entry %zu was not truncated to %zu rows", b, length);
    return true;
}

/* The rows of one step: all that is left, some of them, mostly one. */
static size_t draw_rows(struct trial *trial, size_t left)
{
    if (random_once_in(&trial->random, 4))
        return left;
    return random_once_in(&trial->random, 3) ? 1 + random_below(&trial->random, left) : 1;
}

static bool fill_entries(struct trial *trial, heed_kv *kv, const struct tensor *k,
                         const struct tensor *v, size_t b, size_t batch)
{
    const size_t all = k->shape.rows;

    for (size_t length = 0; length < all;) {
        const size_t left = all - length, rows = draw_rows(trial, left);

        if (random_once_in(&trial->random, 5) && !detour(trial, kv, k, v, b, left))
            return false;
        if (!append_rows(trial, kv, k, v, b, batch, length, rows))
            return false;
        length += rows;
    }
    return true;
}

static bool fill(struct trial *trial, heed_kv *kv, const struct tensor *k, const struct tensor *v)
{
    const bool together = random_once_in(&trial->random, 2);
    const size_t step = together ? k->shape.batch : 1;

    for (size_t b = 0; b < k->shape.batch; b += step)
        if (!fill_entries(trial, kv, k, v, b, step))
            return false;
    return true;
}

/* The type of the numbers, or the wider one that holds them too. */
static heed_dtype draw_type(struct trial *trial, const heed_attention_args *a, heed_dtype type)
{
    return random_once_in(&trial->random, 3) && !piece_keeps_types(a) ? HEED_F32 : type;
}

/* A handle of the same memory, as another process would make it, perhaps for reading alone. */
static bool reopen(struct trial *trial, const heed_kv_create_args *made, int read_only)
{
    const heed_kv_open_args args = {HEED_SIZED(heed_kv_open_args), .memory = made->memory,
                                    .memory_size = made->memory_size, .read_only = read_only,
                                    .isa = made->isa};

    return heed_kv_open(&args, &trial->kv) == HEED_OK ||
           trial_fails(trial, "the cache was not opened again");
}

static bool create(struct trial *trial, const heed_attention_args *a, heed_kv_create_args *args)
{
    *args = (heed_kv_create_args){HEED_SIZED(heed_kv_create_args),
                                  .batch = a->batch,
                                  .kv_heads = a->kv_heads,
                                  .qk_dim = a->qk_dim,
                                  .v_dim = a->v_dim,
                                  .capacity = a->kv_rows + random_below(&trial->random, 100),
                                  .k_dtype = draw_type(trial, a, a->k.dtype),
                                  .v_dtype = draw_type(trial, a, a->v.dtype),
                                  .isa = a->isa};
    if (heed_kv_bytes(args, &args->memory_size) != HEED_OK)
        return trial_fails(trial, "no size of a cache");

    const struct shape shape = {1, 1, 1, args->memory_size / sizeof(float)};
    args->memory = trial_output(trial, shape)->first;
    if (heed_kv_create(args, &trial->kv) != HEED_OK)
        return trial_fails(trial, "no cache");
    return !random_once_in(&trial->random, 2) || reopen(trial, args, 0);
}

bool cache_piece(struct trial *trial, heed_attention_args *a, const struct tensor *k,
                 const struct tensor *v)
{
    heed_kv_create_args args;

    if (!create(trial, a, &args) || !fill(trial, &trial->kv, k, v) ||
        (random_once_in(&trial->random, 2) && !reopen(trial, &args, 1)))
        return false;
    a->k = a->v = (heed_input){0};
    a->kv = &trial->kv;
    if (random_once_in(&trial->random, 2))
        a->batch = a->kv_heads = a->qk_dim = a->v_dim = a->kv_rows = 0;
    if (random_once_in(&trial->random, 2))
        a->isa = NULL;
    return true;
}
