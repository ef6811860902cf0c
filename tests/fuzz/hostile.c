/* SPDX-License-Identifier: MIT */
/*
 * hostile.c - valid structs of every operation with words overwritten by extremes and noise
 * must yield a status, never a crash.
 *
 * A refused call may hold any pointer, for nothing may be read through it.  An
 * accepted one is made only if all its views lie within our memory.
 */
#include "hostile.h"

#include <string.h>

#include "arrays.h"
#include "views.h"

enum { PATCHES = 6 };

/* Values around which arithmetic breaks. */
static uint64_t draw_word(struct bytes *bytes)
{
    static const uint64_t words[] = {0,
                                     1,
                                     2,
                                     3,
                                     9,
                                     64,
                                     (uint64_t)-1,
                                     SIZE_MAX,
                                     SIZE_MAX / 2,
                                     SIZE_MAX / 2 + 1,
                                     SIZE_MAX / 4,
                                     SIZE_MAX / 8,
                                     (uint64_t)1 << 32};
    const size_t count = sizeof words / sizeof *words, choice = bytes_between(bytes, 0, count + 2);

    if (choice < count)
        return words[choice];
    return choice == count       ? bytes_next(bytes)
           : choice == count + 1 ? (uint64_t)bytes_signed(bytes)
                                 : bytes_word(bytes);
}

/* A word, or half of one, which an int or a float may be. */
static void patch(struct bytes *bytes, const struct operation *operation, union sample *sample)
{
    const size_t step = bytes_next(bytes) % 2 ? sizeof(uint32_t) : sizeof(size_t);
    const size_t at = bytes_between(bytes, 0, operation->size / step - 1) * step;
    const uint64_t word = draw_word(bytes);
    const size_t value = (size_t)word;
    const uint32_t half = (uint32_t)word;

    memcpy((char *)sample + at, step == sizeof half ? (const void *)&half : &value, step);
}

/* Such as the short way takes, if nothing else is asked for. */
static void make_tiny(struct bytes *bytes, heed_attention_args *a)
{
    a->batch = a->q_heads = a->kv_heads = 1;
    a->q_rows = 1u + bytes_next(bytes) % 8;
    a->kv_rows = 1u + bytes_next(bytes) % 4;
    a->qk_dim = 1u + bytes_next(bytes) % 4;
    a->v_dim = bytes_next(bytes) % 2 ? a->qk_dim : 1u + bytes_next(bytes) % 4;
    a->mask = HEED_MASK_NONE;
    a->lse.data = NULL;
}

static void draw(struct bytes *bytes, struct hostile *h)
{
    size_t operations = 0;

    while (operation_at(operations))
        operations++;
    h->operation = operation_at(bytes_between(bytes, 0, operations - 1));
    h->sample = sample_of(h->operation, NULL);
    if (!strcmp(h->operation->name, "attention") && bytes_next(bytes) % 2)
        make_tiny(bytes, &h->sample.attention);
    if (bytes_next(bytes) % 2)
        arrays_give(bytes, h->operation, &h->sample);
    for (size_t i = bytes_between(bytes, 0, PATCHES); i > 0; i--)
        patch(bytes, h->operation, &h->sample);
    /* A larger struct would be longer than ours, and read; and none ends within a pointer. */
    if (h->sample.struct_size > h->operation->size)
        h->sample.struct_size = h->operation->size;
    h->sample.struct_size -= h->sample.struct_size % sizeof(void *);
    arrays_keep(h->operation, &h->sample);
}

/* What the library sees: zeros past struct_size. */
static union sample seen_of(const struct hostile *h)
{
    union sample seen = h->sample;

    memset((char *)&seen + seen.struct_size, 0, h->operation->size - seen.struct_size);
    return seen;
}

static const char *verdict(const struct hostile *h)
{
    if (!*h->reason != (h->checked == HEED_OK))
        return "a refusal without a reason, or a reason without a refusal";
    if (h->checked != HEED_OK && h->called != h->checked)
        return "the check answers something else than the call";
    if (h->checked != HEED_OK && !sample_output_is_blank())
        return "refused, yet the output was written";
    /* Of memory that runs out a check knows nothing. */
    if (h->checked == HEED_OK && h->called != HEED_OK && h->called != HEED_OUT_OF_MEMORY)
        return "the check accepts what the call refuses";
    return NULL;
}

struct hostile hostile_call(struct bytes *bytes)
{
    struct hostile h = {.called = HEED_OK};

    draw(bytes, &h);
    sample_blank_output();
    const union sample seen = seen_of(&h);
    h.checked = h.operation->check(&h.sample, h.reason, sizeof h.reason);
    h.made = h.checked != HEED_OK || views_within_memory(h.operation, &seen);
    if (h.made)
        h.called = h.operation->call(&h.sample);
    h.wrong = verdict(&h);
    return h;
}
