/* SPDX-License-Identifier: MIT */
/* svg.h - the pieces of the picture. */
#ifndef HEED_TOOL_SVG_H
#define HEED_TOOL_SVG_H

#include <stdio.h>

#include "scene.h"

void svg_line(FILE *file, const char *class_name, struct spot from, struct spot to);
void svg_axes(FILE *file, const struct scene *scene);

#endif
