/* SPDX-License-Identifier: MIT */
/* masks.h - what a workload hides, and what it adds to scores. */
#ifndef HEED_BENCH_MASKS_H
#define HEED_BENCH_MASKS_H

#include <heed/heed.h>

#include "workloads.h"

/*
 * Puts mask, window or bias of the workload into the arguments, made of so many `numbers` as
 * workload_mask_numbers() says.  Returns the memory that the views stand on, or NULL: none.
 */
float *masks_open(heed_attention_args *args, const struct workload *w, const float *numbers);

#endif
