/* SPDX-License-Identifier: MIT */
/* trial_masks.h - what masks hide: at the ends, in holes, whole rows, whole blocks. */
#ifndef HEED_CHECKS_TRIAL_MASKS_H
#define HEED_CHECKS_TRIAL_MASKS_H

#include "trial.h"

/* Which keys rows see. */
struct mask_pattern {
    int kind;
    size_t from, to; /* keys */
};

struct mask_pattern trial_pattern(struct trial *trial, size_t keys);
bool pattern_shows(const struct mask_pattern *pattern, size_t r, size_t j);

/*
 * Makes a view of bytes, bits or biases hide what the pattern hides; what it shows is true, or
 * keeps its number unless that hides it.  Repeated along an axis, its last place counts.
 */
void trial_apply_pattern(const heed_score_view *view, const heed_attention_args *a,
                         const struct mask_pattern *pattern);

/* Lets the view, whose strides are not negative, go backwards along some axes of these counts. */
void trial_turn_view(struct trial *trial, heed_score_view *view, const size_t *counts,
                     bool unit_keys);

#endif
