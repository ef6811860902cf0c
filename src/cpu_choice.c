/* SPDX-License-Identifier: MIT */
/*
 * cpu_choice.c - the table of facts.  Whatever has no line here is taken wherever it runs, best
 * first in the order of isa.c.
 *
 * What decides is how many multiplications of bf16 a CPU makes in the time of one of f32 by FMA:
 * where it is less than 1, kernels that use them lose.  "cpufp": published measurements of one
 * core by that program (https://github.com/pigirons/cpufp).
 *
 *   VDPBF16PS : FMA of 512 bits   Zen 4 2.0 (cpufp), Zen 5 2.0 (cpufp, and measured with these
 *                                 kernels: attention of bf16 in 0.54 to 0.67 of the time);
 *                                 Sapphire Rapids 0.5 (cpufp)
 *   TDPBF16PS : FMA of 512 bits   Sapphire Rapids 16 (cpufp)
 *   BFMMLA : FMLA                 Neoverse V1 4.0, Oryon 1.8, Apple M2 Max 0.48, M4 Max 0.61
 * (cpufp)
 */
#include "cpu_choice.h"

#include <stddef.h>
#include <string.h>

enum { APPLE = 0x61 }; /* of the implementers that Arm's manual lists for MIDR_EL1 */

/* The first line that fits decides.  NULL, 0: any. */
static const struct {
    const char *isa, *vendor;
    uint32_t first_family, implementer;
    bool preferred;
} facts[] = {
    {"avx512bf16", "AuthenticAMD", 0x19, 0, true}, /* Zen 4; Zen 5 is 0x1a */
    {"avx512bf16", "HygonGenuine", 0x18, 0, true}, /* cores by AMD's design; none was measured */
    {"avx512bf16", NULL, 0, 0, false},             /* Intel, and whoever makes another one */
    {"neonbf16", NULL, 0, APPLE, false},
};

bool heed_cpu_prefers(const struct heed_cpu_id *id, const char *isa)
{
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (!strcmp(isa, facts[i].isa) &&
            (!facts[i].vendor || !strcmp(id->vendor, facts[i].vendor)) &&
            id->family >= facts[i].first_family &&
            (!facts[i].implementer || id->implementer == facts[i].implementer))
            return facts[i].preferred;
    return true;
}
