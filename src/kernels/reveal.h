/* SPDX-License-Identifier: MIT */
/*
 * reveal.h - the scores of attention written out, at the stage that a person asks for.
 *
 * The same sums and rules as in attend.h, but of every key, and without haste.
 */
#ifndef HEED_KERNELS_REVEAL_H
#define HEED_KERNELS_REVEAL_H

#include "kernels/attend.h"
#include "kernels/row.h"

/* -inf for the keys of the block that the row does not see by its position. */
static void hide_by_position(const struct heed_sight *sight, size_t row, const struct block *b,
                             float *s)
{
    const struct heed_range range = heed_sees(sight, row);

    for (size_t j = 0; j < b->keys; j++) {
        const size_t key = b->first_key + j;

        if ((key < range.begin || key >= range.end) && key >= (size_t)sight->prefix)
            s[j] = -INFINITY;
    }
}

/* Takes the raw scores of a row to the stage; weights are made of whole rows later. */
static void bring_to_stage(struct attend *a, const struct heed_reveal_task *t, size_t r,
                           size_t query_row, const struct block *b)
{
    const struct heed_rules *rules = t->attend.rules;
    const struct heed_row_rules no_row = {0};
    struct heed_rules some = {0};
    float *s = weights_of(a, 0, r);

    if (t->stage == HEED_SCORES_CAPPED && rules)
        some.softcap = rules->softcap;
    if (t->stage >= HEED_SCORES_BIASED && rules)
        apply_rules(rules, &a->s.rules[r], t->attend.scale, s, b->first_key, b->keys);
    else
        apply_rules(&some, &no_row, t->attend.scale, s, b->first_key, b->keys);
    if (t->stage >= HEED_SCORES_BIASED)
        hide_by_position(&t->attend.sight, query_row, b, s);
}

static void reveal_block(struct attend *a, const struct heed_reveal_task *t, const struct block *b)
{
    struct cursor at = first_row(&t->attend);

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

/* Every row sees every key, and raw scores come out: the rest is a matter of the stage. */
static void lay_open(struct attend *a, struct heed_attend_task *task)
{
    task->rules = NULL;
    task->scale = 1.0f;
    a->prefix = a->maps = 0;
    for (size_t r = 0; r < task->rows; r++)
        a->s.sees[r] = (struct heed_range){0, task->end_key};
}

static void reveal(const struct heed_reveal_task *t)
{
    struct heed_attend_task task = t->attend;
    struct attend a = begin(&task);

    heed_scratch_layout(
        &a.s, task.scratch, task.rows, task.end_key, task.qk_dim, task.v_dim,
        heed_copies_of(task.q_type, task.panels ? HEED_F32 : task.k_type, task.pages));
    begin_rows(&a, point_at_query);
    lay_open(&a, &task);
    for (size_t key = 0; key < task.end_key; key += HEED_BLOCK) {
        const size_t left = task.end_key - key;
        const struct block b = {.first_key = key, .keys = left < HEED_BLOCK ? left : HEED_BLOCK};

        reveal_block(&a, t, &b);
    }
    finish_reveal(t);
}

#endif
