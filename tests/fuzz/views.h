/* SPDX-License-Identifier: MIT */
/* views.h - do the views of a call lie within the memory of the samples? */
#ifndef HEED_FUZZ_VIEWS_H
#define HEED_FUZZ_VIEWS_H

#include <stdbool.h>

#include "samples.h"

/*
 * Restores the pointers that even a check may follow or that a call must be able
 * to trust: the parts of a merge, workspace, packed keys, parallel_for.
 */
void views_keep_pointers(const struct operation *operation, union sample *sample);

/* All inputs within the numbers, all outputs within sample_output, and not too much work. */
bool views_within_memory(const struct operation *operation, const union sample *sample);

#endif
