/* SPDX-License-Identifier: MIT */
/*
 * cpu_choice.h - of the kernels that run here, which ones are worth it: by the maker and family
 * of the CPU, never timed, so that a program gets the same kernels whenever it starts.
 */
#ifndef HEED_CPU_CHOICE_H
#define HEED_CPU_CHOICE_H

#include "arithmetic.h"

#include <stdbool.h>
#include <stdint.h>

/* Who made a CPU; all zero where nothing is known. */
struct heed_cpu_id {
    char vendor[13];      /* of x86, by leaf 0 of CPUID: "GenuineIntel" */
    uint32_t family;      /* of x86, the extended one included */
    uint32_t implementer; /* of Arm, bits 31 to 24 of MIDR_EL1: 0x41 */
};

/* Whether such a CPU, which can run these kernels, should do so unasked. */
bool heed_cpu_prefers(const struct heed_cpu_id *id, const char *isa);

#endif
