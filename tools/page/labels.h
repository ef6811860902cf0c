/* SPDX-License-Identifier: MIT */
/* labels.h - finds room for names beside their dots. */
#ifndef HEED_TOOL_LABELS_H
#define HEED_TOOL_LABELS_H

#include "scene.h"
#include "sentence.h"

enum { LABEL_HEIGHT = 15, LABELS_MAX = 4 * SENTENCE_WORDS };

/* Rectangles of the paper that are taken. */
struct labels {
    size_t count;
    struct {
        double left, top, right, bottom;
    } taken[LABELS_MAX];
};

/* Keeps names off a dot. */
void labels_block(struct labels *labels, struct spot dot);

/* The left end of the baseline for a name of so many letters beside a dot, where it covers least.
 */
struct spot labels_find(struct labels *labels, struct spot dot, size_t columns);

#endif
