/* SPDX-License-Identifier: MIT */
/*
 * checks.h - every operation against the double-precision reference, in plain C.
 *
 * Two front ends share these checks: the Criterion tests on the host, and the
 * command `heed check`, which needs no test framework and so runs on a board.
 */
#ifndef HEED_CHECKS_H
#define HEED_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <heed/heed.h>

/*
 * One check: an operation on one instruction set against the double reference
 * over random problems.  Returns true on success; else writes a line into
 * detail: the problem, its seed and the first difference.
 */
struct check {
    const char *operation;
    bool (*run)(const heed_isa *isa, uint64_t seed, char *detail, size_t detail_size);
};

const struct check *check_at(size_t i); /* NULL past the end */

#endif
