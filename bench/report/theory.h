/* SPDX-License-Identifier: MIT */
/* theory.h - what a known core does per cycle, to hold measured roofs against. */
#ifndef HEED_BENCH_REPORT_THEORY_H
#define HEED_BENCH_REPORT_THEORY_H

#include "item.h"
#include "machine.h"

/* FLOP or bytes per cycle of a ceiling, with a formula in words; 0: not known. */
double theory_per_cycle(const struct machine *machine, const struct item *ceiling,
                        const struct setting *setting, char *formula, size_t size);

#endif
