/* SPDX-License-Identifier: MIT */
/* cpu_features_x86.c - what cpu_features says of an x86 of a vendor that it knows. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpu_features_cache_info.h>
#include <cpuinfo_x86.h>

#include "cpu_probe.h"

enum { SKIPPED = 77 };

uint32_t other_probe(void);
void other_describe(heed_cpu_info *info);

/* Those of whose CPUs cpu_features 0.7.0 tells features. */
static bool is_known(const char *vendor)
{
    static const char *const known[] = {
        CPU_FEATURES_VENDOR_GENUINE_INTEL, CPU_FEATURES_VENDOR_AUTHENTIC_AMD,
        CPU_FEATURES_VENDOR_HYGON_GENUINE, CPU_FEATURES_VENDOR_CENTAUR_HAULS,
        CPU_FEATURES_VENDOR_SHANGHAI};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(vendor, known[i]))
            return true;
    return false;
}

/* Its bit-fields are signed: a set flag reads as -1, so test it, never compare. */
uint32_t other_probe(void)
{
    const X86Info info = GetX86Info();
    const X86Features f = info.features;

    if (!is_known(info.vendor)) {
        printf("cpu_features does not know \"%s\"\n", info.vendor);
        exit(SKIPPED);
    }
    return (f.sse2 ? HEED_CPU_SSE2 : 0) | (f.avx2 && f.fma3 && f.f16c ? HEED_CPU_AVX2 : 0) |
           (f.avx512f && f.avx512bw && f.avx512dq && f.avx512vl ? HEED_CPU_AVX512 : 0) |
           (f.avx512_bf16 ? HEED_CPU_AVX512BF16 : 0) |
           (f.amx_tile && f.amx_bf16 ? HEED_CPU_AMX : 0);
}

void other_describe(heed_cpu_info *info)
{
    const X86Info cpu = GetX86Info();
    const CacheInfo caches = GetX86CacheInfo();
    size_t *const sizes[] = {&info->l1d_size, &info->l2_size, &info->l3_size};

    memcpy(info->brand, cpu.brand_string, sizeof cpu.brand_string);
    for (int i = 0; i < caches.size; i++) {
        const CacheLevelInfo *c = &caches.levels[i];

        if (c->cache_type != CPU_FEATURE_CACHE_INSTRUCTION && c->level >= 1 && c->level <= 3)
            *sizes[c->level - 1] = c->cache_size > 0 ? (size_t)c->cache_size : 0;
    }
}
