/* SPDX-License-Identifier: MIT */
/* cases.h - what is timed: each function adds its cases to Google Benchmark. */
#ifndef HEED_BENCH_CASES_H
#define HEED_BENCH_CASES_H

#include <heed/heed.h>

#include "gbench.h"

void add_ceilings(heed_parallel parallel);   /* ceiling/<what>/<isa> */
void add_attention(heed_parallel parallel);  /* attention[_packed]/<type>/<workload>/<isa> */
void add_kv(heed_parallel parallel);         /* kv_append/<type>/<token or chunk>/<isa> */
void add_sweeps(heed_parallel parallel);     /* sweep/prefill/<n>/<isa>, sweep/rows/<rows>/<isa> */
void add_primitives(heed_parallel parallel); /* <operation>/f32/<row length>/<isa> */
void add_openblas(heed_parallel parallel);   /* peer/openblas/<workload> */

/* All of them, ceilings first. */
void add_cases(heed_parallel parallel);

/* Why the instruction set cannot be timed here, or NULL. */
const char *isa_obstacle(const heed_isa *isa);

#endif
