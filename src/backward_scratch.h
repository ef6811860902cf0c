/* SPDX-License-Identifier: MIT */
/*
 * backward_scratch.h - the working memory of one task of the backward pass.
 *
 * One layout for all instruction sets, as in scratch.h.  It does not depend on how
 * many rows stream past.
 */
#ifndef HEED_BACKWARD_SCRATCH_H
#define HEED_BACKWARD_SCRATCH_H

#include "scratch.h"

/* The numbers of one gradient: [rows][pad], of the current chunk and of those before it. */
struct heed_gradient {
    float *sum, *total;
    size_t pad; /* its dim rounded up to HEED_LANES */
};

/* Streamed rows that some kept row of a group sees, and those that all see, but for the prefix. */
struct heed_group_sight {
    struct heed_range any, all;
    size_t from, to, all_from, all_to; /* of the current block, counted from its first */
};

/* What a call has that scratch depends on. */
struct heed_backward_sizes {
    size_t rows, qk_dim, v_dim; /* kept rows */
    bool widens_qk, widens_v;
    bool masks, biases;
};

struct heed_backward_scratch {
    const float **qk, **v;           /* [rows] of the kept rows */
    float *kept_qk, *kept_v;         /* [rows][dim], where these have to be widened */
    struct heed_range *sees;         /* [rows] streamed rows, but for the prefix */
    struct heed_group_sight *groups; /* at most [rows] */
    struct heed_row_rules *rules;    /* [rows], of the streamed head, where there are rules */
    uint64_t *left;                  /* [rows] streamed rows of a block that masks leave each, */
    float *biases;                   /* [rows][HEED_BLOCK] and biases, where keys are kept */
    float *lse, *d;                  /* of query rows: [rows] kept, or [HEED_BLOCK] streamed */
    float *p;                        /* [rows][HEED_BLOCK] scores, then weights */
    float *ds;                       /* [rows][HEED_BLOCK] gradients of weights, then of scores */
    struct heed_gradient d_qk, d_v;  /* of the kept rows */
    float *panel;                    /* [the larger dim][up to HEED_BLOCK] streamed, transposed */
    float *streamed_qk, *streamed_v; /* [HEED_BLOCK][pad] streamed, where they must be copied */
};

static inline struct heed_gradient heed_gradient_layout(char *base, size_t *at, size_t rows,
                                                        size_t dim)
{
    struct heed_gradient g = {.pad = heed_pad(dim, HEED_LANES)};

    g.sum = heed_scratch_take(base, at, rows * g.pad * sizeof *g.sum);
    g.total = heed_scratch_take(base, at, rows * g.pad * sizeof *g.total);
    return g;
}

/* Lays out the scratch at `base` (NULL: only counts); returns its bytes. */
static inline size_t heed_backward_layout(struct heed_backward_scratch *s, char *base,
                                          const struct heed_backward_sizes *n)
{
    const size_t rows = n->rows, dim = n->qk_dim > n->v_dim ? n->qk_dim : n->v_dim;
    const size_t states = rows > HEED_BLOCK ? rows : HEED_BLOCK;
    const size_t kept_qk = n->widens_qk ? rows * n->qk_dim : 0;
    const size_t kept_v = n->widens_v ? rows * n->v_dim : 0;
    size_t at = 0;

    s->qk = heed_scratch_take(base, &at, rows * sizeof *s->qk);
    s->v = heed_scratch_take(base, &at, rows * sizeof *s->v);
    s->kept_qk = heed_scratch_take(base, &at, kept_qk * sizeof *s->kept_qk);
    s->kept_v = heed_scratch_take(base, &at, kept_v * sizeof *s->kept_v);
    s->sees = heed_scratch_take(base, &at, rows * sizeof *s->sees);
    s->groups = heed_scratch_take(base, &at, rows * sizeof *s->groups);
    s->rules = heed_scratch_take(base, &at, rows * sizeof *s->rules);
    s->left = heed_scratch_take(base, &at, n->masks ? rows * sizeof *s->left : 0);
    s->biases = heed_scratch_take(base, &at, n->biases ? rows * HEED_BLOCK * sizeof *s->biases : 0);
    s->lse = heed_scratch_take(base, &at, states * sizeof *s->lse);
    s->d = heed_scratch_take(base, &at, states * sizeof *s->d);
    s->p = heed_scratch_take(base, &at, rows * HEED_BLOCK * sizeof *s->p);
    s->ds = heed_scratch_take(base, &at, rows * HEED_BLOCK * sizeof *s->ds);
    s->d_qk = heed_gradient_layout(base, &at, rows, n->qk_dim);
    s->d_v = heed_gradient_layout(base, &at, rows, n->v_dim);
    s->panel = heed_scratch_take(base, &at, dim * HEED_BLOCK * sizeof *s->panel);
    s->streamed_qk = heed_scratch_take(base, &at, HEED_BLOCK * s->d_qk.pad * sizeof *s->panel);
    s->streamed_v = heed_scratch_take(base, &at, HEED_BLOCK * s->d_v.pad * sizeof *s->panel);
    return at;
}

#endif
