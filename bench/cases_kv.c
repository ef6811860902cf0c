/* SPDX-License-Identifier: MIT */
/* cases_kv.c - rows appended to KV caches: a token, as decoding does; a chunk, as prefill does. */
#include <stdio.h>

#include "buffers.h"
#include "cases.h"

/*
 * Entries take turns, so that each finds its panels where attention over everything else
 * has left them: in memory, not in a cache.  In bf16 the panels of one turn are 8 MiB.
 */
enum { ENTRIES = 256, HEADS = 8, CAPACITY = 64, DIM = 128, CHUNK = 64 };

struct kv_case {
    heed_dtype type;
    heed_parallel parallel;
    const heed_isa *isa;
    size_t rows;
    heed_kv kv;
    float *memory;
    heed_kv_append_args append;
    heed_status status;
};

static void call_append(void *argument)
{
    struct kv_case *c = argument;
    const size_t entry = c->append.first_batch;

    if (heed_kv_length(&c->kv, entry) + c->rows > CAPACITY)
        (void)heed_kv_truncate(&c->kv, entry, 0);
    c->status = heed_kv_append(&c->append);
    c->append.first_batch = (entry + 1) % ENTRIES;
}

static heed_status begin(struct kv_case *c)
{
    heed_kv_create_args args = {HEED_SIZED(heed_kv_create_args),
                                .batch = ENTRIES,
                                .kv_heads = HEADS,
                                .qk_dim = DIM,
                                .v_dim = DIM,
                                .capacity = CAPACITY,
                                .k_dtype = c->type,
                                .v_dtype = c->type,
                                .isa = c->isa,
                                .memory_is_zero = 1};
    heed_status status = heed_kv_bytes(&args, &args.memory_size);
    const float *numbers = normal_numbers(2 * CHUNK * HEADS * DIM);

    if (status == HEED_OK) {
        args.memory = c->memory = buffer_new(args.memory_size / sizeof(float));
        status = heed_kv_create(&args, &c->kv);
    }
    /* [row][head][dim], as projections leave them. */
    c->append = (heed_kv_append_args){
        HEED_SIZED(heed_kv_append_args),
        .kv = &c->kv,
        .batch = 1,
        .rows = c->rows,
        .k = {.data = numbers, .head_stride = DIM, .row_stride = HEADS * DIM},
        .v = {.data = numbers + CHUNK * HEADS * DIM, .head_stride = DIM, .row_stride = HEADS * DIM},
        .parallel = c->parallel,
    };
    return status;
}

static void run_append(struct gbench *bench, void *argument)
{
    struct kv_case *c = argument;
    const char *obstacle = isa_obstacle(c->isa);

    if (obstacle) {
        gbench_skip(bench, obstacle);
        return;
    }
    c->status = begin(c);
    for (size_t i = 0; i < ENTRIES && c->status == HEED_OK; i++)
        call_append(c); /* its pages are there */
    if (c->status == HEED_OK) {
        const double seconds = gbench_time(bench, call_append, c);

        gbench_counter(bench, "us/head", seconds * 1e6 / (double)(HEADS * c->rows));
    }
    if (c->status != HEED_OK)
        gbench_fail(bench, heed_status_string(c->status));
    buffer_free(c->memory);
    c->memory = NULL;
}

void add_kv(heed_parallel parallel)
{
    static const struct {
        const char *name;
        heed_dtype type;
    } types[] = {{"f32", HEED_F32},
                 {"f16", HEED_F16},
                 {"bf16", HEED_BF16},
                 {"i8", HEED_I8},
                 {"f8", HEED_F8}};
    char name[80];

    for (size_t t = 0; t < sizeof types / sizeof *types; t++)
        for (size_t rows = 1; rows <= CHUNK; rows += CHUNK - 1)
            for (size_t j = 0; heed_isa_at(j); j++) {
                const struct kv_case c = {.type = types[t].type,
                                          .parallel = parallel,
                                          .isa = heed_isa_at(j),
                                          .rows = rows};

                snprintf(name, sizeof name, "kv_append/%s/%s/%s", types[t].name,
                         rows == 1 ? "token" : "chunk", heed_isa_name(c.isa));
                gbench_add(name, run_append, &c, sizeof c);
            }
}
