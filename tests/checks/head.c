/* SPDX-License-Identifier: MIT */
/* head.c - softmax(scale q k^T + mask) v, row by row, the whole row of scores at once. */
#include "head.h"

#include <math.h>
#include <stdlib.h>

double head_scale(float scale, size_t qk_dim)
{
    return scale != 0.0f ? (double)scale : qk_dim ? 1 / sqrt((double)qk_dim) : 1;
}

void head_mask(struct head *head, heed_mask mask, ptrdiff_t q_position)
{
    const ptrdiff_t keys = (ptrdiff_t)head->kv_rows, rows = (ptrdiff_t)head->q_rows;

    head->limit_step = mask != HEED_MASK_NONE;
    if (mask == HEED_MASK_CAUSAL)
        q_position = keys - rows;
    head->first_limit = mask == HEED_MASK_NONE || q_position >= keys ? keys : q_position + 1;
}

void head_scores(const struct head *head, size_t r, size_t keys, struct bounded *scores)
{
    for (size_t j = 0; j < keys; j++)
        scores[j] = bounded_dot(head->q + r * head->qk_dim, head->k + j * head->qk_dim, 1,
                                head->qk_dim, (double)head->qk_dim + FEW_ROUNDS, head->scale);
}

static size_t visible_keys(const struct head *head, size_t r)
{
    const ptrdiff_t limit = head->first_limit + head->limit_step * (ptrdiff_t)r;

    return limit < 0 ? 0 : (size_t)limit < head->kv_rows ? (size_t)limit : head->kv_rows;
}

void head_attention(const struct head *head, struct bounded *o, struct bounded *lse)
{
    struct bounded *scores = calloc(2 * head->kv_rows + 1, sizeof *scores);
    struct bounded *weights = scores + head->kv_rows;

    for (size_t r = 0; r < head->q_rows; r++) {
        const size_t keys = visible_keys(head, r);

        head_scores(head, r, keys, scores);
        const struct bounded row_lse = bounded_softmax(scores, keys, LOST_WEIGHT, weights);
        for (size_t d = 0; d < head->v_dim; d++)
            o[r * head->v_dim + d] =
                bounded_dot(weights, head->v + d, head->v_dim, keys, rounds_over_keys(keys), 1);
        if (lse)
            lse[r] = row_lse;
    }
    free(scores);
}
