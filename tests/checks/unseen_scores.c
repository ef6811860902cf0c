/* SPDX-License-Identifier: MIT */
/* unseen_scores.c - biases and masks of pairs that do not see each other, where nobody can read. */
#include <string.h>

#include "half.h"
#include "pages.h"
#include "seen.h"
#include "unseen.h"

enum { AXES = 4, MOST_APART = 4096 };

/* A view of scores: counts of [batch][head][row][key], bytes of an element, keys of one. */
struct view {
    const heed_attention_args *call;
    heed_score_view *view;
    size_t count[AXES], size;
};

static ptrdiff_t offset(const heed_score_view *v, const size_t at[AXES])
{
    return (ptrdiff_t)at[0] * v->batch_stride + (ptrdiff_t)at[1] * v->head_stride +
           (ptrdiff_t)at[2] * v->row_stride + (ptrdiff_t)at[3] * v->key_stride;
}

/*
 * New strides, 0 where they were: each element on a page of its own, or keys side by side and
 * each row one element further back in its pages, so that those of causal rows end alike.
 */
static size_t draw_strides(struct random *random, const struct view *v, heed_score_view *to,
                           bool unit_keys)
{
    const ptrdiff_t page = (ptrdiff_t)(pages_unit() / v->size);
    ptrdiff_t *const strides[AXES] = {&to->batch_stride, &to->head_stride, &to->row_stride,
                                      &to->key_stride};
    ptrdiff_t step = 1;
    size_t all = 1;

    for (size_t i = 0; i < AXES; i++)
        all *= *strides[i] ? v->count[i] : 1;
    if (!unit_keys && all <= MOST_APART && random_once_in(random, 2))
        step = page;
    for (size_t i = AXES; i-- > 0;) {
        if (*strides[i]) {
            *strides[i] = step;
            step *= (ptrdiff_t)(v->count[i] ? v->count[i] : 1);
        }
        if (i == AXES - 1 && step % page)
            step = (step / page + 2) * page - 1;
    }
    return (size_t)(step + 2 * page) * v->size;
}

/* Copies those elements that may be read. */
static void close_view(struct trial *trial, const struct view *v, bool unit_keys,
                       bool may_be_read(const heed_attention_args *a, const size_t at[AXES]))
{
    heed_score_view to = *v->view;
    const size_t unit = pages_unit();
    struct closed *memory =
        trial_closed(trial, draw_strides(&trial->random, v, &to, unit_keys) + unit);
    const char *from = v->view->data;
    char *first = (char *)memory->pages + random_below(&trial->random, unit / v->size) * v->size;
    size_t at[AXES];

    to.data = first;
    for (at[0] = 0; at[0] < v->count[0]; at[0]++)
        for (at[1] = 0; at[1] < v->count[1]; at[1]++)
            for (at[2] = 0; at[2] < v->count[2]; at[2]++)
                for (at[3] = 0; at[3] < v->count[3]; at[3]++) {
                    char *element = first + offset(&to, at) * (ptrdiff_t)v->size;

                    if (!may_be_read(v->call, at))
                        continue;
                    memcpy(element, from + offset(v->view, at) * (ptrdiff_t)v->size, v->size);
                    closed_keep(memory, element, v->size);
                }
    *v->view = to;
}

static bool pair(const heed_attention_args *a, const size_t at[AXES])
{
    return at[2] < rows_of(a, at[0]) && seen_by_position(a, at[0], at[2], at[3]);
}

static bool pair_of_eight(const heed_attention_args *a, const size_t at[AXES])
{
    for (size_t j = 8 * at[3]; j < 8 * at[3] + 8; j++)
        if (at[2] < rows_of(a, at[0]) && seen_by_position(a, at[0], at[2], j))
            return true;
    return false;
}

/* Of blocks of keys of which some row sees one, whichever rows the list is for. */
static bool block(const heed_attention_args *a, const size_t at[AXES])
{
    for (size_t j = at[3] * a->block_keys; j < (at[3] + 1) * a->block_keys; j++)
        if (seen_by_some(a, at[0], j))
            return true;
    return false;
}

void unseen_scores(struct trial *trial, const heed_attention_args *a, heed_score_view *bias,
                   heed_score_view *visible, heed_score_view *blocks)
{
    const heed_attention_args call = *a; /* which may have these views as its own */
    const bool bits = visible->dtype == HEED_BITS;

    if (bias->data)
        close_view(trial,
                   &(struct view){&call,
                                  bias,
                                  {a->batch, a->q_heads, a->q_rows, a->kv_rows},
                                  dtype_size(bias->dtype)},
                   false, pair);
    if (visible->data)
        close_view(trial,
                   &(struct view){
                       &call,
                       visible,
                       {a->batch, a->q_heads, a->q_rows, bits ? (a->kv_rows + 7) / 8 : a->kv_rows},
                       1},
                   bits, bits ? pair_of_eight : pair);
    if (blocks->data)
        close_view(
            trial,
            &(struct view){&call,
                           blocks,
                           {a->batch, a->q_heads, (a->q_rows + a->block_rows - 1) / a->block_rows,
                            (a->kv_rows + a->block_keys - 1) / a->block_keys},
                           1},
            false, block);
}
