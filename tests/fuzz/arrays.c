/* SPDX-License-Identifier: MIT */
/* arrays.c - pointers that a check or a call must be able to trust, and hostile numbers there. */
#include "arrays.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { POOL = 64, WORKSPACE = 1 << 18, MOST_PAGES = 8 };

static size_t lengths[POOL];
static ptrdiff_t positions[POOL];
static int32_t q_offsets[POOL], kv_offsets[POOL], pages[POOL];
static float slopes[POOL], sinks[POOL];
static _Alignas(64) char workspace[WORKSPACE];

/* A pointer member, the array for it, and the member that counts its elements. */
struct array {
    size_t at;
    const void *pool;
    size_t count_at;
};

#define ARRAY(type, member, pool, count)                                                           \
    {                                                                                              \
        offsetof(type, member), pool, offsetof(type, count)                                        \
    }
#define ARRAYS(type)                                                                               \
    ARRAY(type, kv_lengths, lengths, batch), ARRAY(type, q_positions, positions, batch),           \
        ARRAY(type, alibi_slopes, slopes, q_heads), ARRAY(type, sinks, sinks, q_heads),            \
        ARRAY(type, q_offsets, q_offsets, batch), ARRAY(type, kv_offsets, kv_offsets, batch)

static const struct array of_attention[] = {ARRAYS(heed_attention_args),
                                            ARRAY(heed_attention_args, page_table, pages, batch)};
static const struct array of_backward[] = {
    ARRAYS(heed_attention_backward_args),
    ARRAY(heed_attention_backward_args, d_sinks, sample_output + SAMPLE_OUTPUT - POOL, q_heads)};

static size_t arrays_of(const struct operation *operation, const struct array **list)
{
    *list = of_attention;
    if (!strcmp(operation->name, "attention"))
        return sizeof of_attention / sizeof *of_attention;
    *list = of_backward;
    if (!strcmp(operation->name, "attention_backward"))
        return sizeof of_backward / sizeof *of_backward;
    return 0;
}

static void draw_offsets(struct bytes *bytes, int32_t offsets[POOL])
{
    offsets[0] = (int32_t)bytes_between(bytes, 0, 2);
    for (size_t i = 1; i < POOL; i++)
        offsets[i] = offsets[i - 1] + (int32_t)(bytes_next(bytes) % 4);
    if (bytes_next(bytes) % 8 == 7)
        offsets[bytes_next(bytes) % 4] = (int32_t)bytes_word(bytes);
}

static void draw_numbers(struct bytes *bytes, float numbers[POOL])
{
    static const float odd[] = {INFINITY, -INFINITY, NAN, 1e30f};

    for (size_t i = 0; i < POOL; i++)
        numbers[i] = (float)bytes_signed(bytes) / 64.0f;
    if (bytes_next(bytes) % 4 == 3)
        numbers[bytes_next(bytes) % 4] = odd[bytes_next(bytes) % 4];
}

static void draw_pools(struct bytes *bytes)
{
    static const ptrdiff_t far[] = {PTRDIFF_MAX, PTRDIFF_MIN, PTRDIFF_MAX / 8, -PTRDIFF_MAX / 8};

    for (size_t i = 0; i < POOL; i++) {
        lengths[i] = bytes_next(bytes) % 80;
        positions[i] = bytes_signed(bytes);
        pages[i] = (int32_t)(bytes_next(bytes) % 4);
    }
    if (bytes_next(bytes) % 4 == 3)
        positions[bytes_next(bytes) % 4] = far[bytes_next(bytes) % 4];
    if (bytes_next(bytes) % 4 == 3)
        pages[bytes_next(bytes) % 4] = (int32_t)bytes_word(bytes);
    draw_offsets(bytes, q_offsets);
    draw_offsets(bytes, kv_offsets);
    draw_numbers(bytes, slopes);
    draw_numbers(bytes, sinks);
}

/* An empty cache of the sizes of the samples. */
static const heed_kv *cache(void)
{
    static _Alignas(64) unsigned char memory[1 << 16];
    static heed_kv kv;
    const heed_kv_create_args args = {HEED_SIZED(heed_kv_create_args),
                                      .batch = 2,
                                      .kv_heads = 2,
                                      .qk_dim = 9,
                                      .v_dim = 11,
                                      .capacity = 70,
                                      .memory = memory,
                                      .memory_size = sizeof memory};

    if (!kv.memory)
        (void)heed_kv_create(&args, &kv);
    return &kv;
}

static void run_in_turn(void *context, size_t count, void (*body)(void *argument, size_t i),
                        void *argument)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        body(argument, i);
}

/* Memory of our own, or that of the views. */
static void *workspace_of(uint8_t choice)
{
    return choice % 4 == 0   ? workspace + choice / 4
           : choice % 4 == 1 ? (void *)sample_output
                             : (void *)sample_numbers;
}

static size_t *workspace_size(const struct operation *operation, union sample *s, void ***pointer)
{
    if (!strcmp(operation->name, "attention")) {
        *pointer = &s->attention.workspace;
        return &s->attention.workspace_size;
    }
    if (!strcmp(operation->name, "attention_backward")) {
        *pointer = &s->backward.workspace;
        return &s->backward.workspace_size;
    }
    if (!strcmp(operation->name, "self_attention")) {
        *pointer = &s->self_attention.workspace;
        return &s->self_attention.workspace_size;
    }
    return NULL;
}

void arrays_give(struct bytes *bytes, const struct operation *operation, union sample *sample)
{
    const struct array *list;
    const size_t count = arrays_of(operation, &list);
    const uint8_t given = bytes_next(bytes), choice = bytes_next(bytes);
    void **pointer;
    size_t *size = workspace_size(operation, sample, &pointer);

    if (choice & 1)
        sample_set_parallel(operation, sample,
                            (heed_parallel){run_in_turn, NULL, bytes_next(bytes)});
    if (size && choice & 2) {
        *pointer = workspace_of(choice / 4);
        *size = sizeof sample_output;
    }
    if (count)
        draw_pools(bytes);
    for (size_t i = 0; i < count; i++)
        if (given >> i & 1)
            memcpy((char *)sample + list[i].at, &list[i].pool, sizeof list[i].pool);
    if (!strcmp(operation->name, "attention")) {
        sample->attention.page_rows = 1u + bytes_next(bytes) % 32;
        sample->attention.pages = 4;
        sample->attention.page_table_stride = bytes_next(bytes) % 8;
    }
}

/* Elements of a page table that a check or a call may read. */
static bool pages_are_few(const heed_attention_args *a)
{
    return a->batch <= 4 && a->page_table_stride >= 0 && a->page_table_stride <= MOST_PAGES &&
           (!a->page_rows || a->kv_rows / a->page_rows < MOST_PAGES);
}

/* The check reads what a cache holds, and page numbers only if it is told to. */
static void keep_attention(heed_attention_args *a)
{
    a->packed_k = NULL;
    if (a->kv) {
        a->kv = cache();
        a->k.data = a->v.data = NULL; /* or it would be refused at once */
    }
    if (!pages_are_few(a))
        a->page_table = NULL;
    a->validate_pages = 1;
}

/* The check reads positions: they stay as they are, or go. */
static void keep_positions(heed_rope_args *a, const heed_rope_args *valid)
{
    if (a->batch > valid->batch || a->rows > valid->rows || a->positions != valid->positions ||
        a->positions_batch_stride != valid->positions_batch_stride)
        a->positions = NULL;
}

static void keep_workspace(void **pointer, size_t *size)
{
    const size_t most = *pointer == sample_numbers  ? sizeof sample_numbers
                        : *pointer == sample_output ? sizeof sample_output
                                                    : sizeof workspace / 2;

    if (*pointer && *pointer != sample_numbers && *pointer != sample_output)
        *pointer = workspace + (uintptr_t)*pointer % 64;
    if (*size > most)
        *size = most;
}

static void keep_arrays(const struct operation *operation, union sample *sample)
{
    const struct array *list;
    const size_t count = arrays_of(operation, &list);
    const void *pointer, *none = NULL;
    size_t elements;

    for (size_t i = 0; i < count; i++) {
        memcpy(&pointer, (char *)sample + list[i].at, sizeof pointer);
        memcpy(&elements, (char *)sample + list[i].count_at, sizeof elements);
        if (pointer != list[i].pool || elements >= POOL)
            memcpy((char *)sample + list[i].at, &none, sizeof none);
    }
}

void arrays_keep(const struct operation *operation, union sample *sample)
{
    const union sample valid = sample_of(operation, NULL);
    void **pointer;
    size_t *size = workspace_size(operation, sample, &pointer);

    sample_keep_parallel(operation, sample, run_in_turn);
    if (size)
        keep_workspace(pointer, size);
    keep_arrays(operation, sample);
    if (!strcmp(operation->name, "attention")) {
        keep_attention(&sample->attention);
    } else if (!strcmp(operation->name, "merge")) {
        sample->merge.parts = sample->merge.parts ? valid.merge.parts : NULL;
        if (sample->merge.parts && sample->merge.part_count > valid.merge.part_count)
            sample->merge.part_count = valid.merge.part_count;
    } else if (!strcmp(operation->name, "pack_k")) {
        sample->pack_k.packed = sample->pack_k.packed ? valid.pack_k.packed : NULL;
        if (sample->pack_k.packed_size > valid.pack_k.packed_size)
            sample->pack_k.packed_size = valid.pack_k.packed_size;
    } else if (!strcmp(operation->name, "rope")) {
        keep_positions(&sample->rope, &valid.rope);
    }
}
