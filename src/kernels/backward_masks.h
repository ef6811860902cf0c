/* SPDX-License-Identifier: MIT */
/*
 * backward_masks.h - looks at a block of streamed rows before anything is done with it.
 *
 * Masks are read along the keys, as in attention, whichever side is kept: where that is the
 * keys, 64 rows of bits are turned into columns.
 */
#ifndef HEED_KERNELS_BACKWARD_MASKS_H
#define HEED_KERNELS_BACKWARD_MASKS_H

#include "kernels/backward_block.h"
#include "kernels/look.h"

/* Bit j of word i becomes bit i of word j (Warren, Hacker's Delight, 7-3). */
static void transpose_bits(uint64_t x[64])
{
    uint64_t low = 0xffffffff;

    for (size_t step = 32; step; step /= 2, low ^= low << step)
        for (size_t i = 0; i < 64; i = (i + step + 1) & ~step) {
            const uint64_t other = ((x[i] >> step) ^ x[i + step]) & low;

            x[i] ^= other << step;
            x[i + step] ^= other;
        }
}

/* Of n kept keys from row r on those that some query row sees by its position. */
static uint64_t backward_kept(const struct backward *b, size_t r, size_t n)
{
    uint64_t bits = 0;

    for (size_t j = 0; j < n; j++)
        bits |= (uint64_t)(b->s.sees[r + j].begin < b->s.sees[r + j].end) << j;
    return bits;
}

/*
 * Of up to 64 kept keys from row r on, those that masks leave each streamed query row; of keys that
 * it does not see by its position none are read, and they count as left.
 */
static struct left_to_all read_streamed(const struct backward *b, const struct block *k,
                                        size_t head, size_t r, size_t n, uint64_t *rows)
{
    const struct heed_backward_task *t = b->task;
    const struct block keys = {.first_key = t->first_row + r, .keys = n};
    const struct head_rules own = rules_of_head(t->rules, t->batch, t->first_q_head + head);
    const bool shared = share_masks_by_rows(t->rules);
    const uint64_t kept = shared ? backward_kept(b, r, n) : 0;
    struct left_to_all left = {0, UINT64_MAX};

    for (size_t i = 0; i < k->keys; i++) {
        const struct heed_range sees = heed_sees(&t->sight, k->first_key + i);
        const uint64_t seen =
            shared ? kept : bits_seen(seen_in(sees, (size_t)t->sight.prefix, &keys));
        const struct heed_row_rules row =
            rules_of_row(t->rules, &own, t->sight.position, (ptrdiff_t)(k->first_key + i));

        rows[i] = shared && i ? rows[0] : keys_left_of(t->rules, &row, t->first_row + r, n, seen);
        left.any |= rows[i] & seen;
        left.all &= rows[i];
    }
    return left;
}

/* Keys are kept, query rows of a head stream; `left` as if these were keys. */
static struct left_to_all backward_read_keys(const struct backward *b, const struct block *k,
                                             size_t head)
{
    const size_t rows = b->task->rows;
    const uint64_t full = heed_bits_below(k->keys);
    struct left_to_all left = {0, full};
    uint64_t word[HEED_BLOCK];

    for (size_t r = 0; r < rows; r += HEED_BLOCK) {
        const size_t n = rows - r < HEED_BLOCK ? rows - r : HEED_BLOCK;
        const struct left_to_all some = read_streamed(b, k, head, r, n, word);

        left.any |= some.any ? full : 0;
        left.all &= some.all == heed_bits_below(n) ? full : 0;
        memset(word + k->keys, 0, (HEED_BLOCK - k->keys) * sizeof *word);
        transpose_bits(word);
        memcpy(b->s.left + r, word, n * sizeof *word);
    }
    return left;
}

/* The streamed rows that masks and positions together leave some row of a group. */
static void backward_look_at_group(const struct backward *b, const struct block *k, size_t row,
                                   size_t end, struct heed_group_sight *group)
{
    uint64_t any = 0, all = UINT64_MAX;

    for (size_t r = row; r < end; r++) {
        b->s.left[r] &= bits_seen(backward_seen(b, r, k));
        any |= b->s.left[r];
        all &= b->s.left[r];
    }
    group->from = any ? heed_first_bit(any) : 0;
    group->to = any ? heed_end_bit(any) : 0;
    group->all_from = group->from;
    group->all_to = all == heed_bits_between(group->from, group->to) ? group->to : group->from;
}

/* The same by positions alone. */
static void backward_place_group(const struct backward *b, const struct block *k,
                                 struct heed_group_sight *group)
{
    const size_t prefix = b->prefix ? in_block(b->prefix, k) : 0;
    const size_t begin = in_block(group->any.begin, k), end = in_block(group->any.end, k);

    group->from = prefix ? 0 : begin;
    group->to = begin < end && end > prefix ? end : prefix;
    group->all_from = in_block(group->all.begin, k);
    group->all_to = in_block(group->all.end, k);
    if (group->from >= group->to)
        group->from = group->to = 0;
    if (prefix || group->all_from > group->all_to)
        group->all_from = group->all_to = group->from; /* not worth telling apart */
}

/* What kept query rows see of the streamed keys, for those who read their masks. */
static inline struct sights backward_sights(const struct backward *b)
{
    return (struct sights){b->s.sees, b->task->rows, b->prefix};
}

/* Looks at a block for each group; returns whether any of them sees something of it. */
static bool backward_look(const struct backward *b, struct block *k, size_t head)
{
    bool any = false;

    if (b->masked) {
        const struct heed_backward_task *t = b->task;
        const struct left_to_all left =
            t->keeps_queries
                ? read_masks(t->rules, b->s.rules, t->rows, backward_sights(b), k, b->s.left)
                : backward_read_keys(b, k, head);

        if (!left.any)
            return false;
        k->masked = left.all != heed_bits_below(k->keys);
    }
    for (size_t g = 0, row = 0; g < b->groups; g++) {
        struct heed_group_sight *group = &b->s.groups[g];
        const size_t next = backward_group_end(b, g);

        if (k->masked)
            backward_look_at_group(b, k, row, next, group);
        else
            backward_place_group(b, k, group);
        any |= group->to > 0;
        row = next;
    }
    return any;
}

/*
 * The biases of a query row for up to VF_LANES kept keys from key d on; 0 for those that it does
 * not see by its position, which are not read.
 */
INLINE vf biases_of_row(heed_dtype type, const struct backward *b, const char *row, size_t query,
                        size_t d)
{
    const struct heed_backward_task *t = b->task;
    const size_t left = t->rows - d, n = left < VF_LANES ? left : VF_LANES;
    const struct block keys = {.first_key = t->first_row + d, .keys = n};
    const uint64_t seen =
        bits_seen(seen_in(heed_sees(&t->sight, query), (size_t)t->sight.prefix, &keys));
    const void *at = heed_after(row, (ptrdiff_t)d, type);
    float lane[VF_LANES] = {0.0f};

    if (seen == heed_bits_below(n))
        return load_as(type, at, left);
    for (size_t i = 0; i < n; i++)
        if (seen >> i & 1)
            lane[i] = bias_at(type, heed_after(at, (ptrdiff_t)i, type));
    return vf_load(lane);
}

/* Of the query rows of a block each kept key becomes a row, HEED_BLOCK apart. */
INLINE void turn_as(heed_dtype type, const struct backward *b, const struct block *k, const char *x,
                    ptrdiff_t x_row)
{
    const size_t columns = b->task->rows;
    float *const y = b->s.biases;

    for (size_t j = 0; j < k->keys; j += VF_LANES)
        for (size_t d = 0; d < columns; d += VF_LANES) {
            const size_t left = columns - d, most = left < VF_LANES ? left : VF_LANES;
            vf row[VF_LANES];

            for (size_t i = 0; i < VF_LANES; i++)
                row[i] =
                    j + i < k->keys
                        ? biases_of_row(type, b, heed_after(x, (ptrdiff_t)(j + i) * x_row, type),
                                        k->first_key + j + i, d)
                        : vf_zero();
            vf_transpose(row);
            for (size_t i = 0; i < most; i++)
                vf_store(y + (d + i) * HEED_BLOCK + j, row[i]);
        }
}

/* The biases of each kept key, along the streamed query rows of a block. */
static void backward_turn_biases(const struct backward *b, const struct block *k, size_t head)
{
    const struct heed_backward_task *t = b->task;
    const heed_score_view *view = &t->rules->bias;
    const char *row =
        score_row(view, heed_size(view->dtype), t->batch, t->first_q_head + head, k->first_key);
    const char *at = heed_after(row, (ptrdiff_t)t->first_row, view->dtype);

    if (view->dtype == HEED_F16)
        turn_as(HEED_F16, b, k, at, view->row_stride);
    else if (view->dtype == HEED_BF16)
        turn_as(HEED_BF16, b, k, at, view->row_stride);
    else
        turn_as(HEED_F32, b, k, at, view->row_stride);
}

#endif
