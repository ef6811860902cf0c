/* SPDX-License-Identifier: MIT */
/* cases.c - the order of the cases, and which instruction sets can be timed. */
#include "cases.h"

#include <stdio.h>

void add_cases(heed_parallel parallel)
{
    add_ceilings(parallel);
    add_attention(parallel);
    add_kv(parallel);
    add_primitives(parallel);
#ifdef HEED_BENCH_OPENBLAS
    add_openblas(parallel);
#endif
    add_sweeps(parallel);
}

const char *isa_obstacle(const heed_isa *isa)
{
    static char lacks[80];

    if (heed_isa_emulated(isa))
        return "emulated: its times would say nothing";
    if (heed_isa_supported(isa))
        return NULL;
    snprintf(lacks, sizeof lacks, "this CPU lacks %s", heed_isa_name(isa));
    return lacks;
}
