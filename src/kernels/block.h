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
    bool masked;   /* masks hide some of it from some row: see `left` */
    size_t whole_from, whole_rows; /* rows that see all of it by their position */
};

/* Which values of a block were looked at, a bit for each, and which of them are not finite. */
struct checked {
    size_t head, first_key;
    uint64_t keys, bad;
};

/* What has begun for a group of rows in this chunk: its sums of weights, of values. */
enum begun { WEIGHED = 1, SUMMED = 2 };

/* What the steps of a task share.  Beyond 5 x 64 bytes gcc clears it by a loop of 30 cycles. */
struct attend {
    const struct heed_attend_task *task;
    struct heed_scratch s;
    struct octaves octaves;
    size_t chunk_head;    /* rows of sums from KV head to KV head in s.chunk_o */
    bool direct;          /* few rows: no panels in memory */
    bool side_k, side_v;  /* the heads of the task fill the rows of k, of v */
    bool both;            /* keys and values to come are fetched side by side */
    size_t prefix;        /* keys before it are seen by all rows */
    size_t maps;          /* in s.maps: of blocks, each once */
    bool moved;           /* rules have scaled the scores, and moved them */
    bool masked;          /* rules may hide keys, whose values must not count */
    bool same_masks;      /* from all rows the same ones */
    bool merged;          /* some chunk is in s.total, */
    bool alone;           /* or it is the only one, and not there */
    size_t began, ended;  /* the rows that begin no later than the block, and that end in it */
    uint64_t any;         /* keys of a masked block that some row sees */
    size_t unit_rows;     /* rows that a matrix unit takes at a time; 0: see group_rows() */
    bool lags;            /* values of a block are summed while the next one is scored (behind.h) */
    struct block *behind; /* such a block, if it has keys */
    struct checked *checked;
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

/* The same of a task. */
static inline size_t rows_of_group(const struct attend *a, size_t left)
{
    return !a->unit_rows ? group_rows(left) : left < a->unit_rows ? left : a->unit_rows;
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

/* The keys of the block that row r sees by its position. */
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
    part.seen = b->seen >> j & heed_bits_below(part.keys);
    return part;
}

/* All of them, a bit each, where masks count as well. */
static inline uint64_t keys_seen_by(const struct attend *a, size_t head, size_t r,
                                    const struct block *b)
{
    if (!b->masked)
        return bits_seen(seen_by(a, r, b));
    return a->s.left.rows[head * a->task->rows + r] >> b->first_key % HEED_BLOCK &
           heed_bits_below(b->keys);
}

/* Those of a masked block, or a part of one, that all rows of a group see. */
static inline uint64_t keys_all_see(const struct attend *a, size_t head, size_t row,
                                    const struct block *b)
{
    return a->s.left.groups[head * a->task->rows + row].all >> b->first_key % HEED_BLOCK &
           heed_bits_below(b->keys);
}

/* What is known of the values of a block. */
static inline struct checked *checked_of(const struct attend *a, size_t head, const struct block *b)
{
    struct checked *const c = a->checked;

    if (!c->keys || c->head != head || c->first_key != b->first_key)
        *c = (struct checked){head, b->first_key, 0, 0};
    return c;
}

/* The keys that some row of a group sees, and within them those that all rows see. */
struct group_view {
    size_t from, to, all_from, all_to;
};

/* Whether some row of a head sees something of the block. */
static bool is_head_seen(const struct attend *a, size_t head, const struct block *b)
{
    for (size_t r = 0; r < a->task->rows; r++)
        if (keys_seen_by(a, head, r, b))
            return true;
    return false;
}

/* Those keys and values of a head that are read. */
static uint64_t read_of_head(const struct attend *a, size_t head, const struct block *b)
{
    return b->masked && a->task->kv_heads > 1 && !is_head_seen(a, head, b) ? 0 : b->seen;
}

static struct group_view seen_by_some(const struct attend *a, size_t row, size_t rows,
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
    if (v.from >= v.to)
        return (struct group_view){0, 0, 0, 0};
    if (prefix || v.all_from > v.all_to)
        v.all_from = v.all_to = v.from; /* not worth telling apart */
    return v;
}

/* What the masks of a group leave it of a block, or of a part of one: keys that are read. */
static struct group_view left_to_group(const struct attend *a, size_t head, size_t row,
                                       const struct block *b)
{
    const struct heed_group_keys *keys = &a->s.left.groups[head * a->task->rows + row];
    const size_t part = b->first_key % HEED_BLOCK;
    const uint64_t some = heed_bits_between(keys->from, keys->to) >> part & b->seen;

    if (!some)
        return (struct group_view){0, 0, 0, 0};
    const size_t from = heed_first_bit(some), to = heed_end_bit(some);
    const bool all = !(heed_bits_between(from, to) & ~(keys->all >> part));

    return (struct group_view){from, to, from, all ? to : from};
}

/* Whether all rows of a group see the whole block by their positions, as far as that is easily
 * told. */
static inline bool see_whole(const struct block *b, size_t row, size_t rows)
{
    return row >= b->whole_from && row + rows <= b->whole_from + b->whole_rows;
}

static inline struct group_view seen_by_group(const struct attend *a, size_t head, size_t row,
                                              size_t rows, const struct block *b)
{
    if (b->masked)
        return left_to_group(a, head, row, b);
    if (see_whole(b, row, rows))
        return (struct group_view){0, b->keys, 0, b->keys};
    return seen_by_some(a, row, rows, b);
}

/* Whether this has not begun yet for the group of a row in this chunk; from now on it has. */
static inline bool begins(const struct attend *a, size_t head, size_t row, enum begun what)
{
    unsigned char *const begun = &a->s.begun[head * a->task->rows + row];
    const bool first = !(*begun & what);

    *begun |= (unsigned char)what;
    return first;
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
