/* SPDX-License-Identifier: MIT */
/*
 * rope.h - pairs of numbers turned by the angles of a position.
 *
 * Whatever the layout, a vector holds the first numbers of some pairs and another
 * the second ones; so both layouts have the same bits.
 */
#ifndef HEED_KERNELS_ROPE_H
#define HEED_KERNELS_ROPE_H

#include "kernels/rows.h"

/* Turns (a, b) in place by the angles whose cosines and sines are c and s. */
INLINE void turn(vf *a, vf *b, vf c, vf s)
{
    const vf first = vf_fms(*a, c, vf_mul(*b, s));

    *b = vf_fma(*b, c, vf_mul(*a, s));
    *a = first;
}

INLINE void turn_halves(const struct heed_rope_task *t, const float *x, float *y)
{
    const size_t whole = whole_vectors(t->pairs), rest = t->pairs - whole;
    const float *x_b = x + t->apart, *c = t->cos, *s = t->sin;
    float *y_b = y + t->apart;

    for (size_t i = 0; i < whole; i += VF_LANES) {
        vf a = vf_load(x + i), b = vf_load(x_b + i);

        turn(&a, &b, vf_load(c + i), vf_load(s + i));
        vf_store(y + i, a);
        vf_store(y_b + i, b);
    }
    if (rest) {
        vf a = vf_load_n(x + whole, rest), b = vf_load_n(x_b + whole, rest);

        turn(&a, &b, vf_load_n(c + whole, rest), vf_load_n(s + whole, rest));
        vf_store_n(y + whole, a, rest);
        vf_store_n(y_b + whole, b, rest);
    }
}

INLINE void turn_side_by_side(const struct heed_rope_task *t, const float *x, float *y)
{
    const size_t whole = whole_vectors(t->pairs), rest = t->pairs - whole;
    const float *c = t->cos, *s = t->sin;
    vf a, b;

    for (size_t i = 0; i < whole; i += VF_LANES) {
        vf_load_pairs(x + 2 * i, &a, &b);
        turn(&a, &b, vf_load(c + i), vf_load(s + i));
        vf_store_pairs(y + 2 * i, a, b);
    }
    if (rest) {
        float last[2 * VF_LANES] = {0};

        memcpy(last, x + 2 * whole, 2 * rest * sizeof *last);
        vf_load_pairs(last, &a, &b);
        turn(&a, &b, vf_load_n(c + whole, rest), vf_load_n(s + whole, rest));
        vf_store_pairs(last, a, b);
        memcpy(y + 2 * whole, last, 2 * rest * sizeof *last);
    }
}

INLINE void turn_in_f32(const struct heed_rope_task *t, const float *x, float *y)
{
    if (t->apart == 1)
        turn_side_by_side(t, x + 2 * t->first, y + 2 * t->first);
    else
        turn_halves(t, x + t->first, y + t->first);
}

/* Where pairs stand in a row: all their numbers, or the first ones and then the second ones. */
struct runs {
    int count;
    size_t numbers; /* of each */
    ptrdiff_t at[2];
};

static struct runs runs_of(const struct heed_rope_task *t)
{
    const ptrdiff_t first = (ptrdiff_t)t->first;

    if (t->apart == 1)
        return (struct runs){1, 2 * t->pairs, {2 * first}};
    return (struct runs){2, t->pairs, {first, first + (ptrdiff_t)t->apart}};
}

enum { STAGED_PAIRS = 128 };

/* Up to STAGED_PAIRS pairs by way of f32. */
static void turn_staged_piece(const struct heed_rope_task *t, const void *x, void *y)
{
    const struct runs runs = runs_of(t);
    struct heed_rope_task turned = *t;
    float stage[2 * STAGED_PAIRS];

    turned.first = 0;
    turned.apart = t->apart == 1 ? 1 : STAGED_PAIRS;
    for (int i = 0; i < runs.count; i++)
        widen_row(t->x_type, heed_after(x, runs.at[i], t->x_type), runs.numbers,
                  stage + i * STAGED_PAIRS);
    turn_in_f32(&turned, stage, stage);
    for (int i = 0; i < runs.count; i++)
        narrow_row(t->y_type, stage + i * STAGED_PAIRS, runs.numbers,
                   written(y, runs.at[i], t->y_type));
}

static void turn_staged(const struct heed_rope_task *t, const void *x, void *y)
{
    struct heed_rope_task piece = *t;

    for (size_t i = 0; i < t->pairs; i += STAGED_PAIRS) {
        piece.first = t->first + i;
        piece.pairs = t->pairs - i < STAGED_PAIRS ? t->pairs - i : STAGED_PAIRS;
        piece.cos = t->cos + i;
        piece.sin = t->sin + i;
        turn_staged_piece(&piece, x, y);
    }
}

/* The numbers that do not turn. */
static void copy_rest(const struct heed_rope_task *t, const void *x, void *y)
{
    float stage[2 * STAGED_PAIRS];

    x = heed_after(x, (ptrdiff_t)t->rest, t->x_type);
    y = written(y, (ptrdiff_t)t->rest, t->y_type);
    if (t->x_type == t->y_type) {
        if (x != y)
            memcpy(y, x, t->rest_dim * heed_size(t->y_type));
        return;
    }
    for (size_t d = 0; d < t->rest_dim; d += 2 * STAGED_PAIRS) {
        const size_t left = t->rest_dim - d, n = left < 2 * STAGED_PAIRS ? left : 2 * STAGED_PAIRS;

        narrow_row(t->y_type, staged(t->x_type, heed_after(x, (ptrdiff_t)d, t->x_type), n, stage),
                   n, written(y, (ptrdiff_t)d, t->y_type));
    }
}

static void rope_in_f32(const struct heed_rope_task *t)
{
    const float *x = t->x;
    float *y = t->y;

    for (size_t h = 0; h < t->heads; h++, x += t->x_head, y += t->y_head) {
        turn_in_f32(t, x, y);
        if (t->rest_dim && x != y)
            memcpy(y + t->rest, x + t->rest, t->rest_dim * sizeof *y);
    }
}

static void rope(const struct heed_rope_task *t)
{
    if (t->x_type == HEED_F32 && t->y_type == HEED_F32) {
        rope_in_f32(t);
        return;
    }
    for (size_t h = 0; h < t->heads; h++) {
        const void *x = heed_after(t->x, (ptrdiff_t)h * t->x_head, t->x_type);
        void *y = written(t->y, (ptrdiff_t)h * t->y_head, t->y_type);

        turn_staged(t, x, y);
        if (t->rest_dim)
            copy_rest(t, x, y);
    }
}

#endif
