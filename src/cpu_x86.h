/* SPDX-License-Identifier: MIT */
/*
 * cpu_x86.h - what CPUID means, apart from how it is asked, so that tests can answer for CPUs
 * that nobody has here.  Features alone decide, whoever made the CPU.
 */
#ifndef HEED_CPU_X86_H
#define HEED_CPU_X86_H

#include <heed/heed.h>

#include "cpu_choice.h"

struct heed_cpuid {
    uint32_t eax, ebx, ecx, edx;
};

struct heed_x86 {
    struct heed_cpuid (*cpuid)(uint32_t leaf, uint32_t subleaf);
    uint32_t (*xcr0)(void); /* its lower half; asked for only where OSXSAVE says that it exists */
};

uint32_t heed_x86_clusters(const struct heed_x86 *cpu);
void heed_x86_identify(const struct heed_x86 *cpu, struct heed_cpu_id *id);
void heed_x86_describe(const struct heed_x86 *cpu, heed_cpu_info *info);

#endif
