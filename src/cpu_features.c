/* SPDX-License-Identifier: MIT */
/* cpu_features.c - ARM by cpu_features; the only file of the library that includes it. */
#include "arithmetic.h"

#include <stdio.h>

#include <cpu_features_macros.h>

#include "cpu_probe.h"

/* cpu_features' bit-fields are signed: a set flag reads as -1, so test it, never compare. */

#if defined(CPU_FEATURES_ARCH_AARCH64)
#include <cpuinfo_aarch64.h>

uint32_t heed_cpu_probe(void)
{
    const uint32_t bf16 = GetAarch64Info().features.bf16 ? HEED_CPU_NEONBF16 : 0;

    return HEED_CPU_NEON | bf16 | heed_cpu_sve(); /* NEON is part of every AArch64 */
}

void heed_cpu_identify(struct heed_cpu_id *id)
{
    id->implementer = heed_cpu_midr_implementer();
    if (!id->implementer)
        id->implementer = (uint32_t)GetAarch64Info().implementer;
}

void heed_cpu_describe(heed_cpu_info *info)
{
    const Aarch64Info cpu = GetAarch64Info();

    if (cpu.implementer)
        snprintf(info->brand, sizeof info->brand, "implementer 0x%02x part 0x%03x variant %d",
                 (unsigned)cpu.implementer, (unsigned)cpu.part, cpu.variant);
}
#elif defined(CPU_FEATURES_ARCH_ARM)
#include <asm/hwcap.h>
#include <cpuinfo_arm.h>
#include <sys/auxv.h>

uint32_t heed_cpu_probe(void)
{
    /* cpu_features believes /proc/cpuinfo too, which in an emulator is that of its host. */
    return GetArmInfo().features.neon && getauxval(AT_HWCAP) & HWCAP_NEON ? HEED_CPU_NEON32 : 0;
}

void heed_cpu_identify(struct heed_cpu_id *id)
{
    id->implementer = (uint32_t)GetArmInfo().implementer;
}

void heed_cpu_describe(heed_cpu_info *info)
{
    const ArmInfo cpu = GetArmInfo();

    if (cpu.implementer)
        snprintf(info->brand, sizeof info->brand, "implementer 0x%02x part 0x%03x variant %d",
                 (unsigned)cpu.implementer, (unsigned)cpu.part, cpu.variant);
}
#else
#error "cpu_features is asked on ARM only: build with -DHEED_CPU_FEATURES=OFF"
#endif
