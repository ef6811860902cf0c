/* SPDX-License-Identifier: MIT */
/* small.h - a short way for tiny problems of the plainest form. */
#ifndef HEED_SMALL_H
#define HEED_SMALL_H

#include "isa.h"

/* Computes and returns true, or touches nothing and returns false: go the general way. */
bool heed_attend_small(const heed_attention_args *args);

#endif
