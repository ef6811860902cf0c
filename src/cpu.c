/* SPDX-License-Identifier: MIT */
/* cpu.c - the only file that includes cpu_features. */
#include "cpu.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cpu_features_cache_info.h>
#include <cpu_features_macros.h>

#include <heed/heed.h>

/* cpu_features' bit-fields are signed: a set flag reads as -1, so test it, never compare. */

#if defined(CPU_FEATURES_ARCH_X86)
#include <cpuinfo_x86.h>

static uint32_t detect(void)
{
    const X86Features f = GetX86Info().features;
    uint32_t cpu = 0;

    if (f.sse2)
        cpu |= HEED_CPU_SSE2;
    if (f.avx2 && f.fma3 && f.f16c)
        cpu |= HEED_CPU_AVX2;
    if (f.avx512f && f.avx512bw && f.avx512dq && f.avx512vl)
        cpu |= HEED_CPU_AVX512;
    return cpu;
}

static void describe(heed_cpu_info *info)
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
#if defined(__linux__)
#include <sys/auxv.h>
#endif

/*
 * Bytes of an SVE register; 0 without SVE.  The kernel's word alone decides, which stands for
 * what all cores have in common, and how long their registers are.  cpu_features believes
 * /proc/cpuinfo as well: under an emulator or in a sandbox that tells of another machine.
 */
static uint64_t sve_bytes(void)
{
#if defined(__linux__)
    if (getauxval(AT_HWCAP) & 1ul << 22) { /* HWCAP_SVE */
        register uint64_t bytes __asm__("x0");

        __asm__ volatile(".inst 0x04bf5020" : "=r"(bytes)); /* rdvl x0, #1, for any assembler */
        return bytes;
    }
#endif
    return 0;
}

static uint32_t detect(void)
{
    const uint64_t sve = sve_bytes();
    uint32_t cpu = HEED_CPU_NEON; /* part of every AArch64 */

    if (sve == 32)
        cpu |= HEED_CPU_SVE256;
    if (sve == 64)
        cpu |= HEED_CPU_SVE512;
    return cpu;
}

static void describe(heed_cpu_info *info)
{
    const Aarch64Info cpu = GetAarch64Info();

    if (cpu.implementer)
        snprintf(info->brand, sizeof info->brand, "implementer 0x%02x part 0x%03x variant %d",
                 (unsigned)cpu.implementer, (unsigned)cpu.part, cpu.variant);
}
#elif defined(CPU_FEATURES_ARCH_ARM)
#include <cpuinfo_arm.h>

static uint32_t detect(void)
{
    return GetArmInfo().features.neon ? HEED_CPU_NEON32 : 0;
}

static void describe(heed_cpu_info *info)
{
    const ArmInfo cpu = GetArmInfo();

    if (cpu.implementer)
        snprintf(info->brand, sizeof info->brand, "implementer 0x%02x part 0x%03x variant %d",
                 (unsigned)cpu.implementer, (unsigned)cpu.part, cpu.variant);
}
#else
static uint32_t detect(void)
{
    return 0;
}

static void describe(heed_cpu_info *info)
{
    (void)info;
}
#endif

uint32_t heed_cpu_features(void)
{
    static _Atomic uint32_t known;
    uint32_t cpu = atomic_load_explicit(&known, memory_order_relaxed);

    /* Threads may race here; they all find the same. */
    if (!cpu) {
        const int error = errno; /* cpu_features reads /proc on some systems */

        cpu = detect() | HEED_CPU_KNOWN;
        errno = error;
        atomic_store_explicit(&known, cpu, memory_order_relaxed);
    }
    return cpu;
}

static const struct {
    uint32_t bit;
    const char *name;
} clusters[] = {
    {HEED_CPU_SSE2, "sse2"},     {HEED_CPU_AVX2, "avx2"},     {HEED_CPU_AVX512, "avx512"},
    {HEED_CPU_NEON, "neon"},     {HEED_CPU_NEON32, "neon32"}, {HEED_CPU_SVE256, "sve256"},
    {HEED_CPU_SVE512, "sve512"},
};

void heed_cpu(heed_cpu_info *info, size_t info_size)
{
    const uint32_t cpu = heed_cpu_features();
    const int error = errno;
    heed_cpu_info all = {0};
    size_t used = 0;

    describe(&all);
    errno = error;
    for (size_t i = 0; i < sizeof clusters / sizeof clusters[0]; i++)
        if (cpu & clusters[i].bit)
            used += (size_t)snprintf(all.clusters + used, sizeof all.clusters - used, "%s%s",
                                     used ? " " : "", clusters[i].name);
    memset(info, 0, info_size);
    memcpy(info, &all, info_size < sizeof all ? info_size : sizeof all);
}
