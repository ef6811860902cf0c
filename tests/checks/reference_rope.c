/* SPDX-License-Identifier: MIT */
/*
 * reference_rope.c - rotary position embedding in double: Su et al. 2021,
 * arXiv:2104.09864, equation 34, with the layouts of RotaryEmbedding-23 of ONNX.
 */
#include <math.h>
#include <stdlib.h>

#include "bounds.h"
#include "view.h"

/* cos and sin of the angle of pair i at a position. */
struct angle {
    struct bounded cos, sin;
};

/*
 * By theta: the angle is p w, w = exp(-x) with x = 2 i ln(theta) / rotary_dim >= 0.
 * With v = 2^-53, the exponent's rounding moves w by x exp(-x) v at most, pow() by
 * 2 v exp(-x), the product by v exp(-x), together 3 v at most; p itself is exact below
 * 2^53, and beyond that off by another v.  The reference is as far off as the library.
 * cos and sin of it are off by as much and 2 v, and in f32 by u of themselves, or
 * flushed to 0.
 */
static struct angle angle_by_theta(double theta, int64_t position, size_t i, size_t rotary_dim)
{
    const double p = (double)position;
    const double angle = p * pow(theta, -2.0 * (double)i / (double)rotary_dim);
    const double drift = 2 * (4 * fabs(p) + 2) * 0x1p-53 + SMALLEST_NORMAL;
    const double c = cos(angle), s = sin(angle);

    return (struct angle){{c, UNIT_ROUNDOFF * fabs(c) + drift},
                          {s, UNIT_ROUNDOFF * fabs(s) + drift}};
}

static struct angle angle_of(const heed_rope_args *a, size_t b, size_t r, size_t i,
                             size_t rotary_dim)
{
    const int64_t position =
        a->positions ? a->positions[(ptrdiff_t)b * a->positions_batch_stride + (ptrdiff_t)r]
                     : a->first_position + (int64_t)r;
    const ptrdiff_t stride = a->table_stride ? a->table_stride : (ptrdiff_t)rotary_dim / 2;
    const ptrdiff_t at = (ptrdiff_t)position * stride + (ptrdiff_t)i;

    if (a->cos)
        return (struct angle){{(double)a->cos[at], 0}, {(double)a->sin[at], 0}};
    return angle_by_theta(a->theta == 0 ? 10000 : a->theta, position, i, rotary_dim);
}

/*
 * a x + b y: each product and the sum round once, 2 u of the magnitudes; a third u
 * is for what is of second order.  What is denormal may be flushed.
 */
static struct bounded combined(double a, struct bounded x, double b, struct bounded y)
{
    const double size = fabs(a * x.value) + fabs(b * y.value);
    const double drift = fabs(a) * x.error + fabs(b) * y.error;

    return (struct bounded){a * x.value + b * y.value,
                            3 * UNIT_ROUNDOFF * size + drift + 3 * SMALLEST_NORMAL};
}

static void rotate(const heed_rope_args *a, size_t b, size_t r, size_t rotary_dim,
                   struct bounded *y)
{
    for (size_t i = 0; i < rotary_dim / 2; i++) {
        const struct angle angle = angle_of(a, b, r, i, rotary_dim);
        const bool halves = a->pairs == HEED_ROPE_HALVES;
        struct bounded *first = y + (halves ? i : 2 * i);
        struct bounded *second = first + (halves ? rotary_dim / 2 : 1);
        const double x1 = first->value, x2 = second->value;

        *first = combined(x1, angle.cos, -x2, angle.sin);
        *second = combined(x1, angle.sin, x2, angle.cos);
    }
}

void reference_rope(const heed_rope_args *a, struct bounded *y)
{
    const size_t rotary_dim = a->rotary_dim ? a->rotary_dim : a->dim;

    for (size_t b = 0; b < a->batch; b++)
        for (size_t h = 0; h < a->heads; h++) {
            struct bounded *x = view_head(&a->x, b, h, a->heads, a->rows, a->dim);

            for (size_t r = 0; r < a->rows; r++, y += a->dim) {
                for (size_t d = 0; d < a->dim; d++)
                    y[d] = x[r * a->dim + d];
                rotate(a, b, r, rotary_dim, y);
            }
            free(x);
        }
}
