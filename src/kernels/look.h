/* SPDX-License-Identifier: MIT */
/*
 * look.h - looks at the masks of a block before anything is done with it: blocks that no row sees
 * are passed over, those that masks hide nothing of are like any other.
 */
#ifndef HEED_KERNELS_LOOK_H
#define HEED_KERNELS_LOOK_H

#include "kernels/block.h"

/* What masks leave of a block: keys that some row sees, and those that all do. */
struct left_to_all {
    uint64_t any, all;
};

/* The usual forms, each the only one and side by side, whose whole blocks need no questions. */
enum mask_form { ANY_MASKS, BITS_ALONE, BYTES_ALONE, BIASES_ALONE };

static enum mask_form form_of_masks(const struct heed_rules *rules)
{
    const bool visible = rules->visible.data;

    if (rules->blocks.data || (visible && rules->bias.data))
        return ANY_MASKS;
    if (!visible)
        return rules->bias.key_stride == 1 ? BIASES_ALONE : ANY_MASKS;
    if (rules->visible.dtype == HEED_BITS)
        return BITS_ALONE;
    return rules->visible.key_stride == 1 ? BYTES_ALONE : ANY_MASKS;
}

INLINE uint64_t block_left(const struct heed_rules *rules, const struct heed_row_rules *row,
                           size_t key, enum mask_form form)
{
    if (form == BITS_ALONE)
        return heed_eight_bytes((const unsigned char *)row->visible + key / 8);
    if (form == BYTES_ALONE)
        return bits_of_bytes((const unsigned char *)row->visible + key);
    if (form == BIASES_ALONE)
        return word_of_biases(&rules->bias, row->bias, key, HEED_BLOCK);
    return keys_left(rules, row, key, HEED_BLOCK);
}

/*
 * What a row has for the keys of the next block: rows stand apart, so that nothing but this
 * brings them.  Of bits a line has eight blocks.
 */
INLINE void fetch_masks(const struct heed_rules *rules, const struct heed_row_rules *row,
                        size_t key)
{
    const heed_score_view *view = &rules->bias;

    if (row->bias)
        fetch_row(heed_after(row->bias, (ptrdiff_t)key * view->key_stride, view->dtype),
                  HEED_BLOCK * heed_size(view->dtype));
    if (row->visible && rules->visible.dtype == HEED_U8)
        fetch_row(row->visible + (ptrdiff_t)key * rules->visible.key_stride, HEED_BLOCK);
}

/* What rows see by their positions: `rows` of them, which are those of each head. */
struct sights {
    const struct heed_range *sees;
    size_t rows, prefix;
};

/*
 * What the masks of a row leave of a block, whose keys it sees as `seen` says: of others none are
 * read, and they count as left.
 */
INLINE uint64_t left_of_block(const struct heed_rules *rules, const struct heed_row_rules *row,
                              const struct block *b, uint64_t seen, enum mask_form form)
{
    if (seen != UINT64_MAX)
        return keys_left_of(rules, row, b->first_key, b->keys, seen);
    fetch_masks(rules, row, b->first_key + HEED_BLOCK);
    return block_left(rules, row, b->first_key, form);
}

/*
 * Reads the masks of `count` rows for a block, a word for each; those of rows that share them one
 * after the other once.
 */
static struct left_to_all read_masks(const struct heed_rules *rules,
                                     const struct heed_row_rules *row, size_t count,
                                     struct sights sights, const struct block *b, uint64_t *to)
{
    const enum mask_form form = form_of_masks(rules);
    const bool shared = share_masks_by_rows(rules);
    struct left_to_all left = {0, UINT64_MAX};
    uint64_t before = 0;

    for (size_t r = 0, own = 0; r < count; r++, own = own + 1 < sights.rows ? own + 1 : 0) {
        const bool whole = !shared && see_whole(b, own, 1);
        const uint64_t seen = shared  ? b->seen
                              : whole ? heed_bits_below(b->keys)
                                      : bits_seen(seen_in(sights.sees[own], sights.prefix, b));

        if (r && share_masks(&row[r], &row[r - 1]) && !(seen & ~before))
            to[r] = to[r - 1];
        else
            to[r] = left_of_block(rules, &row[r], b, seen, form), before = seen;
        left.any |= to[r] & seen;
        left.all &= to[r] | ~heed_bits_below(b->keys);
    }
    left.all &= heed_bits_below(b->keys);
    return left;
}

static inline struct heed_group_keys group_keys(uint64_t any, uint64_t all)
{
    if (!any)
        return (struct heed_group_keys){0, 0, 0};
    return (struct heed_group_keys){all, (unsigned char)heed_first_bit(any),
                                    (unsigned char)heed_end_bit(any)};
}

/* What a group sees of the block by masks and positions together; returns all of it. */
static uint64_t look_at_group(const struct attend *a, const struct block *b, size_t head,
                              size_t row, size_t rows)
{
    const size_t at = head * a->task->rows + row;
    const bool whole = see_whole(b, row, rows);
    uint64_t *const left = a->s.left.rows + at, any = 0, all = UINT64_MAX;

    for (size_t r = 0; r < rows; r++) {
        if (!whole)
            left[r] &= bits_seen(seen_by(a, row + r, b));
        any |= left[r];
        all &= left[r];
    }
    a->s.left.groups[at] = group_keys(any, all);
    return any;
}

/* Every row of every group sees these keys. */
static void all_groups_alike(const struct attend *a, uint64_t keys)
{
    const struct heed_attend_task *t = a->task;
    const struct heed_group_keys group = group_keys(keys, keys);

    for (size_t head = 0; head < t->kv_heads; head++)
        for (size_t row = 0; row < t->rows; row += rows_of_group(a, t->rows - row))
            a->s.left.groups[head * t->rows + row] = group;
}

/* Whether some row sees something of the block.  Tells it and the task what masks hide. */
static bool look_at_block(struct attend *a, struct block *b)
{
    const struct heed_attend_task *t = a->task;
    const uint64_t full = heed_bits_below(b->keys);
    const size_t rows = t->kv_heads * t->rows;
    struct left_to_all left;

    left = read_masks(t->rules, a->s.rules, a->same_masks ? 1 : rows,
                      (struct sights){a->s.sees, t->rows, a->prefix}, b, a->s.left.rows);
    b->masked = left.any && left.all != full;
    a->any = left.any;
    if (!b->masked)
        return left.any;
    for (size_t r = 1; a->same_masks && r < rows; r++)
        a->s.left.rows[r] = left.all;
    if (a->same_masks && see_whole(b, 0, t->rows)) {
        all_groups_alike(a, left.all);
        return true;
    }
    a->any = 0;
    for (size_t head = 0; head < t->kv_heads; head++)
        for (size_t row = 0, some; row < t->rows; row += some) {
            some = rows_of_group(a, t->rows - row);
            a->any |= look_at_group(a, b, head, row, some);
        }
    return a->any;
}

#endif
