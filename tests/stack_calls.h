/* SPDX-License-Identifier: MIT */
/* stack_calls.h - attention of all types and masks, by number. */
#ifndef HEED_TESTS_STACK_CALLS_H
#define HEED_TESTS_STACK_CALLS_H

#include <heed/heed.h>

size_t attention_calls(void);
const heed_attention_args *attention_call(size_t i, const heed_isa *isa); /* until the next one */

#endif
