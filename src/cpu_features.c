/* SPDX-License-Identifier: MIT */
/* cpu_features.c - the only file that includes cpu_features. */
#include <stdio.h>
#include <string.h>

#include <cpu_features_cache_info.h>
#include <cpu_features_macros.h>

#include "cpu_probe.h"

/* cpu_features' bit-fields are signed: a set flag reads as -1, so test it, never compare. */

#if defined(CPU_FEATURES_ARCH_X86)
#include <cpuinfo_x86.h>

uint32_t heed_cpu_probe(void)
{
    const X86Info info = GetX86Info();
    const X86Features f = info.features;
    uint32_t cpu = 0;

    if (f.sse2)
        cpu |= HEED_CPU_SSE2;
    if (f.avx2 && f.fma3 && f.f16c)
        cpu |= HEED_CPU_AVX2;
    if (f.avx512f && f.avx512bw && f.avx512dq && f.avx512vl)
        cpu |= HEED_CPU_AVX512;
    if (f.avx512_bf16)
        cpu |= HEED_CPU_AVX512BF16;
    if (f.avx512_bf16 && !strcmp(info.vendor, CPU_FEATURES_VENDOR_AUTHENTIC_AMD))
        cpu |= HEED_CPU_FASTBF16;
    if (f.amx_tile && f.amx_bf16)
        cpu |= HEED_CPU_AMX;
    return cpu;
}

void heed_cpu_describe(heed_cpu_info *info)
{
    const X86Info cpu = GetX86Info();
    const CacheInfo caches = GetX86CacheInfo();

    memcpy(info->brand, cpu.brand_string, sizeof cpu.brand_string);
    for (int i = 0; i < caches.size; i++) {
        const CacheLevelInfo *c = &caches.levels[i];
        const size_t size = c->cache_size > 0 ? (size_t)c->cache_size : 0;

        if (c->cache_type == CPU_FEATURE_CACHE_INSTRUCTION)
            continue;
        if (c->level == 1)
            info->l1d_size = size;
        else if (c->level == 2)
            info->l2_size = size;
        else if (c->level == 3)
            info->l3_size = size;
    }
}
#elif defined(CPU_FEATURES_ARCH_AARCH64)
#include <cpuinfo_aarch64.h>

uint32_t heed_cpu_probe(void)
{
    const uint32_t bf16 = GetAarch64Info().features.bf16 ? HEED_CPU_NEONBF16 : 0;

    return HEED_CPU_NEON | bf16 | heed_cpu_sve(); /* NEON is part of every AArch64 */
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

void heed_cpu_describe(heed_cpu_info *info)
{
    const ArmInfo cpu = GetArmInfo();

    if (cpu.implementer)
        snprintf(info->brand, sizeof info->brand, "implementer 0x%02x part 0x%03x variant %d",
                 (unsigned)cpu.implementer, (unsigned)cpu.part, cpu.variant);
}
#else
#error "cpu_features has nothing on this architecture: build with -DHEED_CPU_FEATURES=OFF"
#endif
