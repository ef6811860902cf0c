/* SPDX-License-Identifier: MIT */
/* trial_rules.h - random masks, windows, biases and what else happens to scores. */
#ifndef HEED_CHECKS_TRIAL_RULES_H
#define HEED_CHECKS_TRIAL_RULES_H

#include "trial.h"

/*
 * Adds rules to a problem whose sizes and mask are drawn, and names them in `text`.
 * Gentle ones leave every weight above what may count as 0.
 */
void trial_rules(struct trial *trial, heed_attention_args *a, bool gentle, char *text, size_t size);

/*
 * Strides for axes of these counts (batch, head, row, key), some repeated; returns how many
 * elements they reach.
 */
size_t trial_score_view(struct trial *trial, heed_score_view *view, const size_t *counts,
                        bool unit_keys);

#endif
