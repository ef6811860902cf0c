/* SPDX-License-Identifier: MIT */
/*
 * flags.h - calls leave the floating-point exceptions as they found them: flags that are
 * raised, flags that are not, and none that traps.
 */
#ifndef HEED_CHECKS_FLAGS_H
#define HEED_CHECKS_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

/* What a thread finds; every third turn each. */
enum flags_turn { FLAGS_CLEAR, FLAGS_RAISED, FLAGS_TRAP, FLAGS_TURNS };

/* Prepares the calling thread; returns the flags to be found after a call. */
int flags_begin(enum flags_turn turn);

/* Returns the flags that there are now.  Nothing is raised and nothing traps from here on. */
int flags_end(void);

/* Whether exceptions can be made to trap here. */
bool flags_can_trap(void);

#endif
