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

static void row_see(const struct head *head, size_t r, struct row *row)
{
    row->keys = 0;
    for (size_t j = 0; j < head->kv_rows; j++) {
        if (!key_is_seen(head->rules, head->b, head->h, r, j))
            continue;
        const struct bounded score =
            bounded_dot(head->q + r * head->qk_dim, head->k + j * head->qk_dim, 1, head->qk_dim,
                        (double)head->qk_dim + FEW_ROUNDS, head->scale);

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
            bounded_softmax(row.scores, row.keys, LOST_WEIGHT, row.weights);
        for (size_t d = 0; d < head->v_dim; d++)
            o[r * head->v_dim + d] = bounded_dot(row.weights, row.values + d, head->v_dim, row.keys,
                                                 rounds_over_keys(row.keys), 1);
        if (lse)
            lse[r] = row_lse;
    }
    free(row.scores);
}
