/* SPDX-License-Identifier: MIT */
/* arrays.h - pointers that a check or a call must be able to trust, and hostile numbers there. */
#ifndef HEED_FUZZ_ARRAYS_H
#define HEED_FUZZ_ARRAYS_H

#include "bytes.h"
#include "samples.h"

/* Gives a valid sample some of the arrays that its operation may have, of numbers of all kinds. */
void arrays_give(struct bytes *bytes, const struct operation *operation, union sample *sample);

/* Of a spoilt sample, drops or replaces the pointers that are not ours, or are for more than ours.
 */
void arrays_keep(const struct operation *operation, union sample *sample);

#endif
