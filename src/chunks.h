/* SPDX-License-Identifier: MIT */
/*
 * chunks.h - the chunks of keys that the rows of a task go through: those of which some row
 * sees a key by its position.
 *
 * They are those of the prefix and those between the first row's first key and the last
 * row's last one.  Others take neither time nor memory, however many there are.
 */
#ifndef HEED_CHUNKS_H
#define HEED_CHUNKS_H

#include "args.h"

/* Chunks [0, prefix) and [begin, end), one behind the other. */
struct heed_chunks {
    size_t prefix, begin, end;
};

/* Of keys [first_key, end_key) those without the gap, all whole chunks but for the last. */
struct heed_walk {
    size_t first_key, end_key;
    struct heed_range gap;
};

/* Of query rows [first_row, last_row].  Where they see no key it is the first chunk. */
static inline struct heed_chunks heed_chunks_of(const struct heed_sight *s, size_t first_row,
                                                size_t last_row)
{
    const struct heed_range first = heed_sees(s, first_row), last = heed_sees(s, last_row);
    struct heed_chunks c = {heed_pieces((size_t)s->prefix, HEED_CHUNK), first.begin / HEED_CHUNK,
                            heed_pieces(last.end, HEED_CHUNK)};

    if (first.begin >= last.end)
        c.begin = c.end = 0;
    if (c.begin < c.prefix)
        c.begin = c.prefix;
    if (c.end < c.begin)
        c.end = c.begin;
    if (!c.prefix && c.begin == c.end)
        c.begin = 0, c.end = 1;
    return c;
}

static inline size_t heed_chunk_count(const struct heed_chunks *c)
{
    return c->prefix + (c->end - c->begin);
}

/* Number i of them. */
static inline size_t heed_chunk_at(const struct heed_chunks *c, size_t i)
{
    return i < c->prefix ? i : c->begin + (i - c->prefix);
}

/* The keys of numbers [first, end) of them, which are not none. */
static inline struct heed_walk heed_walk_of(const struct heed_chunks *c, size_t first, size_t end)
{
    struct heed_walk walk = {
        heed_chunk_at(c, first) * HEED_CHUNK, (heed_chunk_at(c, end - 1) + 1) * HEED_CHUNK, {0, 0}};

    if (first < c->prefix && end > c->prefix)
        walk.gap = (struct heed_range){c->prefix * HEED_CHUNK, c->begin * HEED_CHUNK};
    return walk;
}

/* The least of two distances, 0 being none. */
static inline size_t heed_nearer(size_t a, size_t b)
{
    return !a || (b && b < a) ? b : a;
}

/*
 * How many chunks so many query rows go through at most, wherever they stand.  Memory is planned
 * for these, so that it serves a sequence while it grows.
 */
static inline size_t heed_most_chunks(const heed_attention_args *a, size_t rows)
{
    const size_t all = heed_pieces(a->kv_rows, HEED_CHUNK);
    const size_t left = heed_nearer(a->window_left, a->local_chunk);
    const size_t causal = a->mask != HEED_MASK_NONE;
    const size_t right = heed_nearer(heed_nearer(causal, a->window_right), a->local_chunk);

    if (!left || !right)
        return all;
    /* Keys from left - 1 before the first row's own one to right - 1 after the last row's: the
       sum is far from overflowing (heed_check_sight()). */
    const size_t keys = rows + (left - 1) + (right - 1);
    const size_t chunks =
        heed_pieces(keys - 1, HEED_CHUNK) + 1 + heed_pieces(a->prefix, HEED_CHUNK);

    return chunks < all ? chunks : all;
}

#endif
