/* SPDX-License-Identifier: MIT */
/*
 * sight.h - which keys a query row sees by its position: mask, window, chunk, prefix.
 *
 * A row sees the keys [begin, end), and those before the prefix.  From row to row
 * neither bound falls, which the kernels build on.
 */
#ifndef HEED_SIGHT_H
#define HEED_SIGHT_H

#include <stdbool.h>
#include <stddef.h>

struct heed_sight {
    ptrdiff_t position;    /* of query row 0, counted in keys */
    ptrdiff_t keys;        /* that there are, */
    ptrdiff_t first;       /* and those of them that nobody sees; with a prefix 0 */
    bool causal;           /* none after the row's own position */
    ptrdiff_t left, right; /* window: keys up to and from the own one; 0: no limit */
    ptrdiff_t chunk;       /* only keys of the own chunk of so many; 0: all */
    ptrdiff_t prefix;      /* keys before it are always seen */
};

struct heed_range {
    size_t begin, end;
};

static inline ptrdiff_t heed_least(ptrdiff_t a, ptrdiff_t b)
{
    return a < b ? a : b;
}

static inline ptrdiff_t heed_most(ptrdiff_t a, ptrdiff_t b)
{
    return a < b ? b : a;
}

/* Where the chunk of position p begins. */
static inline ptrdiff_t heed_chunk_of(ptrdiff_t p, ptrdiff_t chunk)
{
    const ptrdiff_t rest = p % chunk;

    return p - rest - (rest < 0 ? chunk : 0);
}

/* Whether rows differ in what they see. */
static inline bool heed_is_bounded(const struct heed_sight *s)
{
    return s->causal || s->left || s->right || s->chunk;
}

/* The keys of query row `row` but for the prefix; begin <= end <= keys. */
static inline struct heed_range heed_sees(const struct heed_sight *s, size_t row)
{
    const ptrdiff_t p = s->position + (ptrdiff_t)row;
    ptrdiff_t begin = s->first, end = s->keys;

    if (s->causal)
        end = heed_least(end, p + 1);
    if (s->right)
        end = heed_least(end, p + s->right);
    if (s->left)
        begin = heed_most(begin, p - s->left + 1);
    if (s->chunk) {
        begin = heed_most(begin, heed_chunk_of(p, s->chunk));
        end = heed_least(end, heed_chunk_of(p, s->chunk) + s->chunk);
    }
    begin = heed_least(begin, s->keys);
    return (struct heed_range){(size_t)begin, (size_t)heed_most(end, begin)};
}

/* The keys that some of `rows` query rows sees, but for the prefix: they have no gap. */
static inline struct heed_range heed_seen_by_some(const struct heed_sight *s, size_t rows)
{
    if (!rows)
        return (struct heed_range){0, 0};
    return (struct heed_range){heed_sees(s, 0).begin, heed_sees(s, rows - 1).end};
}

/*
 * The same from the other side: those of `rows` query rows that see a key.  They are a
 * single range, for each condition on the position of a row is one; a key before the
 * prefix is seen by all.
 */
static inline struct heed_range heed_seen_by(const struct heed_sight *s, size_t rows, size_t key)
{
    const ptrdiff_t j = (ptrdiff_t)key;
    ptrdiff_t first = s->position, end = s->position + (ptrdiff_t)rows;

    if (j < s->first || j >= s->keys)
        return (struct heed_range){0, 0};
    if (j < s->prefix)
        return (struct heed_range){0, rows};
    if (s->causal)
        first = heed_most(first, j);
    if (s->right)
        first = heed_most(first, j - s->right + 1);
    if (s->left)
        end = heed_least(end, j + s->left);
    if (s->chunk) {
        first = heed_most(first, heed_chunk_of(j, s->chunk));
        end = heed_least(end, heed_chunk_of(j, s->chunk) + s->chunk);
    }
    first = heed_least(first, end) - s->position;
    return (struct heed_range){(size_t)heed_most(first, 0),
                               (size_t)heed_most(end - s->position, 0)};
}

#endif
