/* SPDX-License-Identifier: MIT */
/* block.h - a task of attention, and which keys of a block its rows see. */
#ifndef HEED_KERNELS_BLOCK_H
#define HEED_KERNELS_BLOCK_H

#include "kernels/key_bits.h"
#include "kernels/rules.h"

enum {
    SIDE_KEYS = 16, /* of a head, before the next head beside it */
    /*
     * Up to so many rows, if their groups are of up to DIRECT_ROWS, kept keys and values that
     * are not f32 are widened in registers, by each group anew: 64 values of 128 dims in f32
     * are 32 KiB, all of a first cache.
     */
    WIDENING_ROWS = 2 * DIRECT_ROWS
};

/* One block of keys, or a part of it. */
struct block {
    size_t first_key, keys;
    uint64_t seen; /* bit j: some row sees key j of it by position; others are never read */
    ptrdiff_t map; /* where maps of blocks have it */
    size_t whole_from, whole_rows; /* rows that see all of it, as far as that is easily told */
};

/* A block whose values are not summed yet, if it has keys, and what `first` was for it. */
struct behind {
    struct block block;
    bool first;
};

/* What the steps of a task share.  Beyond 5 x 64 bytes gcc clears it by a loop of 30 cycles. */
struct attend {
    const struct heed_attend_task *task;
    struct heed_scratch s;
    struct octaves octaves;
    size_t chunk_head;   /* rows of sums from KV head to KV head in s.chunk_o */
    bool direct;         /* few rows: no panels in memory */
    bool side_k, side_v; /* the heads of the task fill the rows of k, of v */
    bool both;           /* keys and values to come are fetched side by side */
    size_t prefix;       /* keys before it are seen by all rows */
    size_t maps;         /* in s.maps: of blocks, each once */
    bool by_key;         /* rules may hide single keys */
    bool selective;      /* rules may hide keys, whose values must not count */
    bool ragged_begin;   /* rows begin to see at different blocks: sums begin with zeros, */
    bool begin_by_group; /* or each group's at the first block that it sees */
    bool merged;         /* some chunk is in s.total, */
    bool alone;          /* or it is the only one, and not there */
    bool first;          /* this block is the first of its chunk for all rows: sums begin here */
    size_t began, ended; /* the rows that begin no later than the block, and that end in it */
    bool lags;           /* values of a block are summed while the next one is scored (behind.h) */
    struct behind *behind;
};

/* Where the rows of a task stand in its operands: query row i of head h of the group. */
struct cursor {
    ptrdiff_t i, h, group;
};

static inline struct cursor cursor_at(const struct heed_attend_task *t, size_t r)
{
    const ptrdiff_t group = (ptrdiff_t)t->group, row = (ptrdiff_t)(t->first_row + r);

    return (struct cursor){row / group, row % group, group};
}

static inline struct cursor first_row(const struct heed_attend_task *t)
{
    return cursor_at(t, 0);
}

static inline void next_row(struct cursor *at)
{
    if (++at->h == at->group) {
        at->h = 0;
        at->i++;
    }
}

/* How many of so many rows make the next group.  The last two share: 5 and 4, not 6 and 3. */
static inline size_t group_rows(size_t left)
{
    return left <= TILE_ROWS ? left : left >= 2 * TILE_ROWS ? TILE_ROWS : (left + 1) / 2;
}

/* Whether kept keys or values of this type become f32 in registers, not in memory. */
static inline bool widens_in_registers(const struct heed_attend_task *t, heed_dtype type)
{
    return type != HEED_F32 && t->rows <= WIDENING_ROWS && group_rows(t->rows) <= DIRECT_ROWS;
}

/* How the first group of a task, which is the one that does, fetches what comes next. */
static inline enum way way_of_task(const struct heed_attend_task *t, heed_dtype type)
{
    return way_of(type, group_rows(t->rows));
}

/* A position among all keys, counted from the first of the block. */
static inline size_t in_block(size_t key, const struct block *b)
{
    return key <= b->first_key ? 0 : key - b->first_key < b->keys ? key - b->first_key : b->keys;
}

/* What a row that sees the keys of the range, and those before the prefix, sees of the block. */
static inline struct seen seen_in(struct heed_range range, size_t all, const struct block *b)
{
    const size_t from = in_block(range.begin, b), to = in_block(range.end, b);
    const size_t prefix = all ? in_block(all, b) : 0;

    if (!prefix)
        return (struct seen){from, to, 0, 0};
    if (from >= to)
        return (struct seen){0, prefix, 0, 0};
    if (from <= prefix)
        return (struct seen){0, to > prefix ? to : prefix, 0, 0};
    return (struct seen){0, to, prefix, from};
}

/* The keys of the block that row r sees. */
static inline struct seen seen_by(const struct attend *a, size_t r, const struct block *b)
{
    return seen_in(a->s.sees[r], a->prefix, b);
}

/* The keys that rows of the task see by position, without a gap but behind the prefix. */
static inline struct heed_range seen_by_rows(const struct attend *a)
{
    return (struct heed_range){a->s.sees[0].begin, a->s.sees[a->task->rows - 1].end};
}

/* Whether some row of the task sees the key by its position. */
static inline bool is_key_seen(const struct attend *a, size_t key)
{
    const struct heed_range range = seen_by_rows(a);

    return key < a->prefix || (key >= range.begin && key < range.end);
}

/* Keys [j, j + keys) of a block, as a block of their own. */
static inline struct block part_of(const struct block *b, size_t j, size_t keys)
{
    struct block part = *b;

    part.first_key += j;
    part.keys = b->keys - j < keys ? b->keys - j : keys;
    part.seen = b->seen >> j & first_bits(part.keys);
    return part;
}

/* The keys that some row of a group sees, and within them those that all rows see. */
struct group_view {
    size_t from, to, all_from, all_to;
};

/* How many of these rows see the block, as far as maps of blocks go. */
static size_t rows_that_see(const struct attend *a, size_t head, size_t row, size_t rows,
                            const struct block *b)
{
    size_t n = 0;

    if (!a->maps)
        return rows;
    for (size_t r = head * a->task->rows + row; r < head * a->task->rows + row + rows; r++)
        n += a->s.rules[r].blocks[b->map] != 0;
    return n;
}

/* Those keys and values of a head that are read. */
static uint64_t read_of_head(const struct attend *a, size_t head, const struct block *b)
{
    const size_t rows = a->task->rows;

    if (a->maps && a->task->kv_heads > 1 && !rows_that_see(a, head, 0, rows, b))
        return 0;
    return b->seen;
}

static struct group_view seen_by_some(const struct attend *a, size_t head, size_t row, size_t rows,
                                      const struct block *b)
{
    const struct heed_range first = a->s.sees[row], last = a->s.sees[row + rows - 1];
    const size_t prefix = a->prefix ? in_block(a->prefix, b) : 0;
    struct group_view v = {in_block(first.begin, b), in_block(last.end, b), in_block(last.begin, b),
                           in_block(first.end, b)};

    if (prefix) {
        v.to = v.from < v.to && v.to > prefix ? v.to : prefix;
        v.from = 0;
    }
    const size_t seeing = v.from < v.to ? rows_that_see(a, head, row, rows, b) : 0;
    if (!seeing)
        return (struct group_view){0, 0, 0, 0};
    if (a->by_key || seeing < rows || prefix || v.all_from > v.all_to)
        v.all_from = v.all_to = v.from; /* not worth telling apart */
    return v;
}

/* Whether all rows of a group see the whole block, told at once. */
static inline bool see_whole(const struct block *b, size_t row, size_t rows)
{
    return row >= b->whole_from && row + rows <= b->whole_from + b->whole_rows;
}

static inline struct group_view seen_by_group(const struct attend *a, size_t head, size_t row,
                                              size_t rows, const struct block *b)
{
    if (see_whole(b, row, rows))
        return (struct group_view){0, b->keys, 0, b->keys};
    return seen_by_some(a, head, row, rows, b);
}

/*
 * Whether the sums of a group that sees this block, or part of one, begin here: its first row,
 * which begins no later than the others, saw nothing of the chunk before.
 */
static inline bool sums_begin(const struct attend *a, size_t row, const struct block *b)
{
    if (a->begin_by_group)
        return b->first_key % HEED_CHUNK == 0 || a->s.sees[row].begin >= b->first_key;
    return a->first && b->first_key % HEED_BLOCK == 0;
}

static inline float *weights_of(const struct attend *a, size_t head, size_t row)
{
    return a->s.weights + (head * a->task->rows + row) * HEED_BLOCK;
}

static inline float *sums_of(const struct attend *a, size_t head, size_t row)
{
    return a->s.chunk_o + (head * a->chunk_head + row) * a->s.v_pad;
}

#endif
