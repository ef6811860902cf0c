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

struct heed_backward_scratch {
    const float **qk, **v;           /* [rows] of the kept rows */
    float *lse, *d;                  /* of query rows: [rows] kept, or [HEED_BLOCK] streamed */
    float *p;                        /* [rows][HEED_BLOCK] scores, then weights */
    float *ds;                       /* [rows][HEED_BLOCK] gradients of weights, then of scores */
    struct heed_gradient d_qk, d_v;  /* of the kept rows */
    float *panel;                    /* [the larger dim][up to HEED_BLOCK] streamed, transposed */
    float *streamed_qk, *streamed_v; /* [HEED_BLOCK][pad] streamed, where they must be padded */
};

static inline struct heed_gradient heed_gradient_layout(char *base, size_t *at, size_t rows,
                                                        size_t dim)
{
    struct heed_gradient g = {.pad = heed_pad(dim, HEED_LANES)};

    g.sum = heed_scratch_take(base, at, rows * g.pad * sizeof *g.sum);
    g.total = heed_scratch_take(base, at, rows * g.pad * sizeof *g.total);
    return g;
}

/* Lays out the scratch for `rows` kept rows at `base` (NULL: only counts); returns its bytes. */
static inline size_t heed_backward_layout(struct heed_backward_scratch *s, char *base, size_t rows,
                                          size_t qk_dim, size_t v_dim)
{
    const size_t dim = qk_dim > v_dim ? qk_dim : v_dim;
    const size_t states = rows > HEED_BLOCK ? rows : HEED_BLOCK;
    size_t at = 0;

    s->qk = heed_scratch_take(base, &at, rows * sizeof *s->qk);
    s->v = heed_scratch_take(base, &at, rows * sizeof *s->v);
    s->lse = heed_scratch_take(base, &at, states * sizeof *s->lse);
    s->d = heed_scratch_take(base, &at, states * sizeof *s->d);
    s->p = heed_scratch_take(base, &at, rows * HEED_BLOCK * sizeof *s->p);
    s->ds = heed_scratch_take(base, &at, rows * HEED_BLOCK * sizeof *s->ds);
    s->d_qk = heed_gradient_layout(base, &at, rows, qk_dim);
    s->d_v = heed_gradient_layout(base, &at, rows, v_dim);
    s->panel = heed_scratch_take(base, &at, dim * HEED_BLOCK * sizeof *s->panel);
    s->streamed_qk = heed_scratch_take(base, &at, HEED_BLOCK * s->d_qk.pad * sizeof *s->panel);
    s->streamed_v = heed_scratch_take(base, &at, HEED_BLOCK * s->d_v.pad * sizeof *s->panel);
    return at;
}

#endif
