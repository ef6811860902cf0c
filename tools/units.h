/* SPDX-License-Identifier: MIT */
/* units.h - what matrix units make of which types, for `heed info`. */
#ifndef HEED_TOOLS_UNITS_H
#define HEED_TOOLS_UNITS_H

#include <heed/heed.h>

#include "json.h"

/* Of all instruction sets that have one: with how many products of bf16, as a table. */
void put_units(void);

/* The same of one, which may be NULL, as a member of an object. */
void put_unit(struct json *json, const heed_isa *isa);

#endif
