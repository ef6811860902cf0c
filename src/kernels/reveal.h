/* SPDX-License-Identifier: MIT */
/*
 * reveal.h - the scores of attention written out, at the stage that a person asks for.
 *
 * The same sums and rules as in attend.h, but of every key that may be read, and without haste.
 */
#ifndef HEED_KERNELS_REVEAL_H
#define HEED_KERNELS_REVEAL_H

#include "kernels/attend.h"
#include "kernels/row.h"

/* The keys of the block whose scores a row shows: at later stages those that it sees. */
static struct seen shown_to(const struct heed_reveal_task *t, size_t query_row,
                            const struct block *b)
{
    const struct heed_sight *sight = &t->attend.sight;
    const bool sees = t->stage >= HEED_SCORES_BIASED;

    return seen_in(sees ? heed_sees(sight, query_row) : t->shown,
                   sees || t->attend.pages ? (size_t)sight->prefix : 0, b);
}

/*
 * Takes the raw scores of a row to the stage, -inf those that are not shown; weights are made of
 * whole rows later.
 */
static void bring_to_stage(struct attend *a, const struct heed_reveal_task *t, size_t r,
                           size_t query_row, const struct block *b)
{
    const struct heed_rules *rules = t->attend.rules;
    const struct heed_row_rules no_row = {0};
    const struct seen shown = shown_to(t, query_row, b);
    uint64_t bits = bits_seen(shown);
    struct heed_rules some = {0};
    float *s = weights_of(a, 0, r);

    if (t->stage == HEED_SCORES_CAPPED && rules)
        some.softcap = rules->softcap;
    if (t->stage >= HEED_SCORES_BIASED && rules) {
        move_seen(rules, &a->s.rules[r], t->attend.scale, s, b->first_key, shown);
        bits &= keys_left_of(rules, &a->s.rules[r], b->first_key, b->keys, bits);
    } else {
        move_seen(&some, &no_row, t->attend.scale, s, b->first_key, shown);
    }
    keep_bits_of_block(s, bits, vf_set1(-INFINITY));
}

static void reveal_block(struct attend *a, const struct heed_reveal_task *t, const struct block *b)
{
    struct cursor at = first_row(&t->attend);

    fill(weights_of(a, 0, 0), t->attend.rows * HEED_BLOCK, 0.0f); /* where no key is read */
    score_block(a, b);
    for (size_t r = 0; r < t->attend.rows; r++, next_row(&at)) {
        bring_to_stage(a, t, r, (size_t)at.i, b);
        memcpy(t->s + at.h * t->s_head + at.i * t->s_row + b->first_key, weights_of(a, 0, r),
               b->keys * sizeof *t->s);
    }
}

static void finish_reveal(const struct heed_reveal_task *t)
{
    const size_t keys = t->attend.end_key;
    struct cursor at = first_row(&t->attend);

    for (size_t r = 0; r < t->attend.rows; r++, next_row(&at)) {
        float *s = t->s + at.h * t->s_head + at.i * t->s_row;
        const float sink = t->attend.sinks ? t->attend.sinks[at.h] : -INFINITY;

        fill(s + keys, t->columns - keys, -INFINITY);
        if (t->stage == HEED_SCORES_WEIGHTS)
            softmax_row_and_sink(s, s, t->columns, sink);
    }
}

/*
 * The keys of a block that are read: at later stages those that rows of the task see, by position
 * and by maps of blocks; before them all that there are.
 */
static uint64_t read_at_stage(const struct attend *rows, const struct heed_reveal_task *t,
                              struct heed_range sees, const struct block *b)
{
    const uint64_t seen = bits_seen(seen_in(sees, rows->prefix, b));

    if (t->stage < HEED_SCORES_BIASED)
        return bits_seen(
            seen_in(t->shown, t->attend.pages ? (size_t)t->attend.sight.prefix : 0, b));
    return seen && is_mapped(rows, b->first_key) ? seen : 0;
}

/* Every row sees every key, and raw scores come out: the rest is a matter of the stage. */
static void lay_open(struct attend *a, struct heed_attend_task *task)
{
    task->rules = NULL;
    task->scale = 1.0f;
    a->prefix = a->maps = 0;
    a->both = false; /* would read numbers of pages */
    a->masked = a->moved = false;
    for (size_t r = 0; r < task->rows; r++)
        a->s.sees[r] = (struct heed_range){0, task->end_key};
}

static void reveal(const struct heed_reveal_task *t)
{
    struct heed_attend_task task = t->attend;
    struct attend a = begin(&task);

    struct heed_copies copies =
        heed_copies_of(task.q_type, task.panels ? HEED_F32 : task.k_type, task.pages);

    copies.rules = task.rules;
    heed_scratch_layout(&a.s, task.scratch, task.rows, task.end_key, task.qk_dim, task.v_dim,
                        copies);
    memset(a.s.begun, 0, task.kv_heads * task.rows);
    a.moved = true; /* each row has rules of its own */
    begin_rows(&a, point_at_query);
    const struct heed_range sees = seen_by_rows(&a);
    struct attend rows = a;

    rows.task = &t->attend;
    lay_open(&a, &task);
    for (size_t key = 0; key < task.end_key; key += HEED_BLOCK) {
        const size_t left = task.end_key - key;
        struct block b = {.first_key = key, .keys = left < HEED_BLOCK ? left : HEED_BLOCK};

        b.seen = read_at_stage(&rows, t, sees, &b);
        reveal_block(&a, t, &b);
    }
    finish_reveal(t);
}

#endif
