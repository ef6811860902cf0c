/* SPDX-License-Identifier: MIT */
/*
 * cpu_probe.h - how the CPU is asked; CMake links one of the answers.
 *
 * cpu_x86.c asks the CPU itself.  On ARM cpu_features.c asks the library of that
 * name, where it is packaged for the target, else cpu_linux.c the kernel, and
 * cpu_apple.c that of a Mac; cpu_generic.c asks nobody.
 */
#ifndef HEED_CPU_PROBE_H
#define HEED_CPU_PROBE_H

#include <heed/heed.h>

#include "cpu.h"
#include "cpu_choice.h"

/* The clusters that CPU and operating system let us use.  May change errno. */
uint32_t heed_cpu_probe(void);

/* Fills in what is known of the zeroed *info, but for the clusters.  May change errno. */
void heed_cpu_describe(heed_cpu_info *info);

/* Fills in what is known of the zeroed *id.  May change errno. */
void heed_cpu_identify(struct heed_cpu_id *id);

/* The implementer by MIDR_EL1, on AArch64 where Linux lets it be read; 0: unknown. */
uint32_t heed_cpu_midr_implementer(void);

/* The clusters of SVE, for the probes of AArch64. */
uint32_t heed_cpu_sve(void);

/* The caches by Linux's sysfs, where the probe does not know them: on ARM and RISC-V. */
void heed_cpu_caches(heed_cpu_info *info);

#endif
