/* SPDX-License-Identifier: MIT */
/* cpu.c - what the probe found, kept; and its names. */
#include "cpu.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "cpu_probe.h"

uint32_t heed_cpu_features(void)
{
    static _Atomic uint32_t known;
    uint32_t cpu = atomic_load_explicit(&known, memory_order_relaxed);

    /* Threads may race here; they all find the same. */
    if (!cpu) {
        const int error = errno; /* a probe may read /proc */

        cpu = heed_cpu_probe() | HEED_CPU_KNOWN;
        errno = error;
        atomic_store_explicit(&known, cpu, memory_order_relaxed);
    }
    return cpu;
}

bool heed_cpu_prefers_here(const char *isa)
{
    const int error = errno;
    struct heed_cpu_id id = {.family = 0};

    heed_cpu_identify(&id);
    errno = error;
    return heed_cpu_prefers(&id, isa);
}

/* Keeps errno, which a probe that reads /proc or /sys may change. */
static void describe(heed_cpu_info *info)
{
    const int error = errno;

    *info = (heed_cpu_info){.l1d_size = 0};
    heed_cpu_describe(info);
#ifdef __linux__
    if (!info->l1d_size)
        heed_cpu_caches(info);
#endif
    errno = error;
}

size_t heed_cpu_l2(void)
{
    enum { UNKNOWN = 1 };
    static _Atomic size_t known;
    size_t size = atomic_load_explicit(&known, memory_order_relaxed);

    if (!size) {
        heed_cpu_info info;

        describe(&info);
        size = info.l2_size ? info.l2_size : UNKNOWN;
        atomic_store_explicit(&known, size, memory_order_relaxed);
    }
    return size == UNKNOWN ? 0 : size;
}

static const struct {
    uint32_t bit;
    const char *name;
} clusters[] = {
    {HEED_CPU_SSE2, "sse2"},       {HEED_CPU_AVX2, "avx2"},
    {HEED_CPU_AVX512, "avx512"},   {HEED_CPU_NEON, "neon"},
    {HEED_CPU_NEON32, "neon32"},   {HEED_CPU_SVE256, "sve256"},
    {HEED_CPU_SVE512, "sve512"},   {HEED_CPU_AVX512BF16, "avx512bf16"},
    {HEED_CPU_AMX, "amx"},         {HEED_CPU_NEONBF16, "neonbf16"},
    {HEED_CPU_SVEBF16, "svebf16"},
};

void heed_cpu(heed_cpu_info *info, size_t info_size)
{
    const uint32_t cpu = heed_cpu_features();
    heed_cpu_info all;
    size_t used = 0;

    describe(&all);
    for (size_t i = 0; i < sizeof clusters / sizeof clusters[0]; i++)
        if (cpu & clusters[i].bit)
            used += (size_t)snprintf(all.clusters + used, sizeof all.clusters - used, "%s%s",
                                     used ? " " : "", clusters[i].name);
    memset(info, 0, info_size);
    memcpy(info, &all, info_size < sizeof all ? info_size : sizeof all);
}
