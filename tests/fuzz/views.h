/* SPDX-License-Identifier: MIT */
/* views.h - do the views of a call lie within the memory of the samples? */
#ifndef HEED_FUZZ_VIEWS_H
#define HEED_FUZZ_VIEWS_H

#include "samples.h"

/* All inputs within the numbers, all outputs within sample_output, and not too much work. */
bool views_within_memory(const struct operation *operation, const union sample *sample);

#endif
