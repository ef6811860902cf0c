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

static void turn_halves(const struct heed_rope_task *t, const float *x, float *y)
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

static void turn_side_by_side(const struct heed_rope_task *t, const float *x, float *y)
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

static void rope(const struct heed_rope_task *t)
{
    const bool side_by_side = t->apart == 1;
    const size_t first = side_by_side ? 2 * t->first : t->first;
    const float *x = t->x;
    float *y = t->y;

    for (size_t h = 0; h < t->heads; h++, x += t->x_head, y += t->y_head) {
        if (side_by_side)
            turn_side_by_side(t, x + first, y + first);
        else
            turn_halves(t, x + first, y + first);
        if (t->rest_dim && x != y)
            memcpy(y + t->rest, x + t->rest, t->rest_dim * sizeof *y);
    }
}

#endif
