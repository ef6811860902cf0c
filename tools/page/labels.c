/* SPDX-License-Identifier: MIT */
/* labels.c - finds room for names beside their dots. */
#include "labels.h"

#include <math.h>

enum { GAP = 9, LETTER_WIDTH = 8 }; /* of the 13 px font, generously */

static void take(struct labels *labels, double left, double top, double right, double bottom)
{
    if (labels->count == LABELS_MAX)
        return;
    labels->taken[labels->count].left = left;
    labels->taken[labels->count].top = top;
    labels->taken[labels->count].right = right;
    labels->taken[labels->count++].bottom = bottom;
}

void labels_block(struct labels *labels, struct spot dot)
{
    take(labels, dot.x - 5, dot.y - 5, dot.x + 5, dot.y + 5);
}

/* The area that a rectangle shares with what is taken. */
static double covered(const struct labels *labels, double left, double top, double right,
                      double bottom)
{
    double area = 0;

    for (size_t i = 0; i < labels->count; i++) {
        const double width =
            fmin(right, labels->taken[i].right) - fmax(left, labels->taken[i].left);
        const double height =
            fmin(bottom, labels->taken[i].bottom) - fmax(top, labels->taken[i].top);

        if (width > 0 && height > 0)
            area += width * height;
    }
    return area;
}

struct spot labels_find(struct labels *labels, struct spot dot, size_t columns)
{
    const double width = LETTER_WIDTH * (double)columns;
    /* Right, left, above, below, then the corners: the corner of the name's rectangle. */
    const struct spot corners[] = {
        {dot.x + GAP, dot.y - LABEL_HEIGHT / 2.0},
        {dot.x - GAP - width, dot.y - LABEL_HEIGHT / 2.0},
        {dot.x - width / 2, dot.y - GAP - LABEL_HEIGHT},
        {dot.x - width / 2, dot.y + GAP},
        {dot.x + GAP, dot.y - GAP - LABEL_HEIGHT},
        {dot.x - GAP - width, dot.y - GAP - LABEL_HEIGHT},
        {dot.x + GAP, dot.y + GAP},
        {dot.x - GAP - width, dot.y + GAP},
    };
    struct spot best = corners[0];
    double least = INFINITY;

    for (size_t i = 0; i < sizeof corners / sizeof corners[0]; i++) {
        const double area = covered(labels, corners[i].x, corners[i].y, corners[i].x + width,
                                    corners[i].y + LABEL_HEIGHT);

        if (area < least) {
            least = area;
            best = corners[i];
        }
    }
    take(labels, best.x, best.y, best.x + width, best.y + LABEL_HEIGHT);
    return (struct spot){best.x, best.y + LABEL_HEIGHT - 4};
}
