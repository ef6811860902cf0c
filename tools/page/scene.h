/* SPDX-License-Identifier: MIT */
/* scene.h - vectors of three dimensions, projected onto paper. */
#ifndef HEED_TOOL_SCENE_H
#define HEED_TOOL_SCENE_H

#include <stdbool.h>

#include "matrix.h"

enum { SCENE_WIDTH = 720, SCENE_HEIGHT = 500, SCENE_MARGIN = 54, AXES = 3 };

/* A box of ticks seen from above and the left; two dimensions are seen from the front. */
struct scene {
    double low[AXES], high[AXES], step; /* of the box; 0 is inside */
    double right[AXES], up[AXES];       /* how far one unit of each axis goes on paper */
    double x, y;                        /* of the origin on paper */
    size_t dims;                        /* of the vectors; only the first three are seen */
};

struct spot {
    double x, y;
};

/* Begin, include what shall be seen, end: then project. */
void scene_begin(struct scene *scene, size_t dims);
void scene_include(struct scene *scene, const struct matrix *m, size_t row);
void scene_end(struct scene *scene);

/* Can the row be seen?  Infinite ones have no place. */
bool scene_shows(const struct matrix *m, size_t row);

/* Where a vector is in the box, and where a place in the box is on paper. */
void scene_place(const struct scene *scene, const float *vector, double at[AXES]);
struct spot scene_project(const struct scene *scene, const double at[AXES]);

#endif
