/* SPDX-License-Identifier: MIT */
/*
 * masks.h - masks that are the same for all rows of a task, as those of padded batches are:
 * where what they hide is at the ends, they become a range of keys, as lengths are one.
 */
#ifndef HEED_MASKS_H
#define HEED_MASKS_H

#include "isa.h"

/* The query rows of a task, of each of so many heads, and the keys that it asks about. */
struct heed_scope {
    size_t batch;
    size_t first_head, heads;
    size_t first_row, rows;
    size_t first_key, end_key;
};

/*
 * The rules that remain for these rows once `sight` sees less: `rules` themselves; `rest`,
 * which is filled; or NULL.  Outside [first_key, end_key) sight is no longer right.
 */
const struct heed_rules *heed_narrow(const struct heed_rules *rules, const struct heed_scope *scope,
                                     struct heed_sight *sight, struct heed_rules *rest);

#endif
