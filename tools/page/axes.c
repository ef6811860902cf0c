/* SPDX-License-Identifier: MIT */
/* axes.c - the box around the vectors: grid, ticks and names, as SVG. */
#include <math.h>

#include "svg.h"

void svg_line(FILE *file, const char *class_name, struct spot from, struct spot to)
{
    fprintf(file, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
            class_name, from.x, from.y, to.x, to.y);
}

static void number(FILE *file, struct spot at, const char *anchor, double value)
{
    fprintf(file, "<text class=\"small\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%.4g</text>\n",
            at.x, at.y, anchor, value);
}

/* A grid line of the floor or a wall between two places of the box. */
static void edge(FILE *file, const struct scene *s, const char *class_name, double x0, double y0,
                 double z0, double x1, double y1, double z1)
{
    svg_line(file, class_name, scene_project(s, (double[AXES]){x0, y0, z0}),
             scene_project(s, (double[AXES]){x1, y1, z1}));
}

/* Rounded to a whole number of steps, so that 3 x 0.1 prints as 0.3 and 0 has no sign. */
static double tick(const struct scene *s, size_t axis, size_t i)
{
    const double steps = round(s->low[axis] / s->step) + (double)i;

    return steps == 0 ? 0 : steps * s->step;
}

static size_t tick_count(const struct scene *s, size_t axis)
{
    return (size_t)round((s->high[axis] - s->low[axis]) / s->step) + 1;
}

static void draw_first_grid(FILE *file, const struct scene *s)
{
    const double *low = s->low, *high = s->high;

    for (size_t i = 0; i < tick_count(s, 0); i++) {
        const double x = tick(s, 0, i);
        struct spot at = scene_project(s, (double[AXES]){x, low[1], low[2]});

        edge(file, s, "grid", x, low[1], low[2], x, high[1], low[2]);
        edge(file, s, "grid", x, high[1], low[2], x, high[1], high[2]);
        number(file, (struct spot){at.x - 4, at.y + 17}, "middle", x);
    }
}

static void draw_second_grid(FILE *file, const struct scene *s)
{
    const double *low = s->low, *high = s->high;

    for (size_t i = 0; i < tick_count(s, 1) && s->dims > 2; i++) {
        const double y = tick(s, 1, i);
        struct spot at = scene_project(s, (double[AXES]){high[0], y, low[2]});

        edge(file, s, "grid", low[0], y, low[2], high[0], y, low[2]);
        edge(file, s, "grid", low[0], y, low[2], low[0], y, high[2]);
        number(file, (struct spot){at.x + 8, at.y + 8}, "start", y);
    }
}

static void draw_third_grid(FILE *file, const struct scene *s)
{
    const double *low = s->low, *high = s->high;

    for (size_t i = 0; i < tick_count(s, 2) && s->dims > 1; i++) {
        const double z = tick(s, 2, i);
        struct spot at = scene_project(s, (double[AXES]){low[0], low[1], z});

        edge(file, s, "grid", low[0], low[1], z, low[0], high[1], z);
        edge(file, s, "grid", low[0], high[1], z, high[0], high[1], z);
        number(file, (struct spot){at.x - 8, at.y + 4}, "end", z);
    }
}

static void draw_lines(FILE *file, const struct scene *s)
{
    const double *low = s->low, *high = s->high;

    edge(file, s, "axis", low[0], low[1], low[2], high[0], low[1], low[2]);
    edge(file, s, "axis", high[0], low[1], low[2], high[0], high[1], low[2]);
    edge(file, s, "axis", low[0], low[1], low[2], low[0], low[1], high[2]);
}

static void name_axis(FILE *file, struct spot at, const char *anchor, int dimension)
{
    fprintf(file,
            "<text class=\"small halo\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">"
            "dimension %d</text>\n",
            at.x, at.y, anchor, dimension);
}

static void name_axes(FILE *file, const struct scene *s)
{
    const double *low = s->low, *high = s->high;
    const double x = (low[0] + high[0]) / 2, y = (low[1] + high[1]) / 2;
    const struct spot first = scene_project(s, (double[AXES]){x, low[1], low[2]});
    const struct spot second = scene_project(s, (double[AXES]){high[0], y, low[2]});
    const struct spot third = scene_project(s, (double[AXES]){low[0], low[1], high[2]});

    name_axis(file, (struct spot){first.x - 14, first.y + 38}, "middle", 1);
    if (s->dims > 2)
        name_axis(file, (struct spot){second.x + 34, second.y + 22}, "start", 2);
    if (s->dims > 1)
        name_axis(file, (struct spot){third.x, third.y - 14}, "middle", s->dims > 2 ? 3 : 2);
}

void svg_axes(FILE *file, const struct scene *s)
{
    draw_first_grid(file, s);
    draw_second_grid(file, s);
    draw_third_grid(file, s);
    draw_lines(file, s);
    name_axes(file, s);
}
