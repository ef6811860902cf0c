/* SPDX-License-Identifier: MIT */
/* head.c - softmax(scale q k^T + mask) v, row by row, the whole row of scores at once. */
#include "head.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double head_scale(float scale, size_t qk_dim)
{
    return scale != 0.0f ? (double)scale : qk_dim ? 1 / sqrt((double)qk_dim) : 1;
}

void head_scores(const struct head *head, size_t r, size_t keys, struct bounded *scores)
{
    for (size_t j = 0; j < keys; j++)
        scores[j] = bounded_dot(head->q + r * head->qk_dim, head->k + j * head->qk_dim, 1,
                                head->qk_dim, (double)head->qk_dim + FEW_ROUNDS, head->scale);
}

/* One row of the softmax: the scores of the keys that are seen, and their values. */
struct row {
    struct bounded *scores, *weights, *values; /* values: [key][v_dim] */
    size_t keys;
};

static struct row row_new(const struct head *head)
{
    const size_t most = head->kv_rows + 1; /* and a sink */
    struct bounded *all = calloc(most * (2 + head->v_dim), sizeof *all);

    return (struct row){all, all + most, all + 2 * most, 0};
}

static double unit_rounds(const struct head *head, size_t n)
{
    return head->unit ? UNIT_ROUNDS + (double)n / UNIT_SMALL_PARTS + 1 : 0;
}

static void row_see(const struct head *head, size_t r, struct row *row)
{
    row->keys = 0;
    for (size_t j = 0; j < head->kv_rows; j++) {
        if (!key_is_seen(head->rules, head->b, head->h, r, j))
            continue;
        const struct bounded score = bounded_dot(
            head->q + r * head->qk_dim, head->k + j * head->qk_dim, 1, head->qk_dim,
            (double)head->qk_dim + FEW_ROUNDS + unit_rounds(head, head->qk_dim), head->scale);

        row->scores[row->keys] = score_by_rules(head->rules, head->b, head->h, r, j, score);
        memcpy(row->values + row->keys * head->v_dim, head->v + j * head->v_dim,
               head->v_dim * sizeof *head->v);
        row->keys++;
    }
}

/* A score whose value is zero. */
static void row_sink(const struct head *head, struct row *row)
{
    const float *sinks = head->rules->sinks;

    if (!sinks || sinks[head->h] == -INFINITY)
        return;
    row->scores[row->keys] = (struct bounded){(double)sinks[head->h], 0};
    memset(row->values + row->keys * head->v_dim, 0, head->v_dim * sizeof *row->values);
    row->keys++;
}

void head_attention(const struct head *head, struct bounded *o, struct bounded *lse)
{
    struct row row = row_new(head);

    for (size_t r = 0; r < head->q_rows; r++) {
        row_see(head, r, &row);
        row_sink(head, &row);
        const struct bounded row_lse =
            bounded_softmax_rounded(row.scores, row.keys, LOST_WEIGHT,
                                    head->rounded ? UNIT_WEIGHT_ROUNDOFF : 0, row.weights);
        for (size_t j = 0; head->fast && j < row.keys; j++)
            row.weights[j].error += UNIT_FAST_ROUNDOFF * fabs(row.weights[j].value);
        for (size_t d = 0; d < head->v_dim; d++)
            o[r * head->v_dim + d] =
                bounded_dot(row.weights, row.values + d, head->v_dim, row.keys,
                            rounds_over_keys(row.keys) + unit_rounds(head, row.keys), 1);
        if (lse)
            lse[r] = row_lse;
    }
    free(row.scores);
}

static struct bounded score_at_stage(const struct head *head, size_t r, size_t j)
{
    const heed_attention_args *a = head->rules;
    const heed_attention_args only_cap = {.softcap = a->softcap};
    const struct bounded hidden = {-INFINITY, 0};
    const struct bounded score =
        bounded_dot(head->q + r * head->qk_dim, head->k + j * head->qk_dim, 1, head->qk_dim,
                    (double)head->qk_dim + FEW_ROUNDS, head->scale);

    /* A page that nobody sees may be gone. */
    if (a->page_table && !seen_by_some(a, head->b, j))
        return hidden;
    switch (a->scores_are) {
    case HEED_SCORES_SCALED:
        return score;
    case HEED_SCORES_CAPPED:
        return score_by_rules(&only_cap, head->b, head->h, r, j, score);
    default:
        return key_is_seen(a, head->b, head->h, r, j)
                   ? score_by_rules(a, head->b, head->h, r, j, score)
                   : hidden;
    }
}

void head_shown(const struct head *head, size_t columns, struct bounded *scores)
{
    const heed_attention_args *a = head->rules;
    struct bounded *row = calloc(2 * columns + 2, sizeof *row), *weights = row + columns + 1;

    for (size_t r = 0; r < head->q_rows; r++, scores += columns) {
        for (size_t j = 0; j < columns; j++)
            row[j] =
                j < head->kv_rows ? score_at_stage(head, r, j) : (struct bounded){-INFINITY, 0};
        row[columns] = (struct bounded){a->sinks ? (double)a->sinks[head->h] : -INFINITY, 0};
        if (a->scores_are == HEED_SCORES_WEIGHTS)
            bounded_softmax(row, columns + 1, SMALLEST_NORMAL, weights);
        memcpy(scores, a->scores_are == HEED_SCORES_WEIGHTS ? weights : row,
               columns * sizeof *scores);
    }
    free(row);
}
