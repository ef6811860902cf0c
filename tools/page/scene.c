/* SPDX-License-Identifier: MIT */
/* scene.c - vectors of three dimensions, projected onto paper. */
#include "scene.h"

#include <math.h>

struct spot scene_project(const struct scene *s, const double at[AXES])
{
    struct spot p = {s->x, s->y};

    for (size_t a = 0; a < AXES; a++) {
        p.x += at[a] * s->right[a];
        p.y -= at[a] * s->up[a];
    }
    return p;
}

/* The first three dimensions; of two, the second goes up. */
void scene_place(const struct scene *s, const float *vector, double at[AXES])
{
    at[0] = vector[0];
    at[1] = s->dims > 2 ? vector[1] : 0;
    at[2] = s->dims > 2 ? vector[2] : s->dims > 1 ? vector[1] : 0;
}

bool scene_shows(const struct matrix *m, size_t row)
{
    for (size_t d = 0; d < m->cols && d < AXES; d++) {
        if (!isfinite(matrix_row(m, row)[d]))
            return false;
    }
    return true;
}

static void widen(struct scene *s, const float *vector)
{
    double at[AXES];

    scene_place(s, vector, at);
    for (size_t a = 0; a < AXES; a++) {
        s->low[a] = fmin(s->low[a], at[a]);
        s->high[a] = fmax(s->high[a], at[a]);
    }
}

/* Ticks at 1, 2 or 5 times a power of ten, at most six on the longest axis; 0 is one. */
static void choose_ticks(struct scene *s)
{
    double longest = 0;

    for (size_t a = 0; a < AXES; a++)
        longest = fmax(longest, s->high[a] - s->low[a]);
    if (longest == 0)
        longest = s->high[0] = 1;
    s->step = pow(10, floor(log10(longest / 5)));
    if (longest / s->step > 25)
        s->step *= 10;
    else if (longest / s->step > 10)
        s->step *= 5;
    else if (longest / s->step > 5)
        s->step *= 2;
    for (size_t a = 0; a < AXES; a++) {
        s->low[a] = s->step * floor(s->low[a] / s->step);
        s->high[a] = s->step * ceil(s->high[a] / s->step);
    }
}

/* Turned by 30 degrees, seen from 25 degrees above; all axes to one scale that fits. */
static void choose_view(struct scene *s)
{
    const double turn = s->dims > 2 ? 0.52 : 0, above = s->dims > 2 ? 0.44 : 0;
    const double right[AXES] = {cos(turn), sin(turn), 0};
    const double up[AXES] = {-sin(turn) * sin(above), cos(turn) * sin(above), cos(above)};
    double left = 0, width = 0, bottom = 0, height = 0;

    for (size_t a = 0; a < AXES; a++) {
        const double length = s->high[a] - s->low[a];

        left += right[a] * s->low[a];
        width += right[a] * length;
        bottom += up[a] * (up[a] < 0 ? s->high[a] : s->low[a]);
        height += fabs(up[a]) * length;
    }
    const double scale = fmin((SCENE_WIDTH - 2 * SCENE_MARGIN) / fmax(width, s->step),
                              (SCENE_HEIGHT - 2 * SCENE_MARGIN) / fmax(height, s->step));
    for (size_t a = 0; a < AXES; a++) {
        s->right[a] = scale * right[a];
        s->up[a] = scale * up[a];
    }
    s->x = SCENE_WIDTH / 2.0 - scale * (left + width / 2);
    s->y = SCENE_HEIGHT / 2.0 + scale * (bottom + height / 2);
}

void scene_begin(struct scene *s, size_t dims)
{
    *s = (struct scene){.dims = dims};
}

void scene_include(struct scene *s, const struct matrix *m, size_t row)
{
    if (scene_shows(m, row))
        widen(s, matrix_row(m, row));
}

void scene_end(struct scene *s)
{
    choose_ticks(s);
    choose_view(s);
}
