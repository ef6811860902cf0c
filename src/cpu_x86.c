/* SPDX-License-Identifier: MIT */
/*
 * cpu_x86.c - x86-64 by CPUID and XGETBV, where cpu_features is not packaged.
 *
 * Source of leaves and bits: Intel, Software Developer's Manual, volume 2, CPUID;
 * AMD, Architecture Programmer's Manual, volume 3, appendix E.
 */
#include <cpuid.h>
#include <stdbool.h>
#include <string.h>

#include "cpu_probe.h"

struct leaf {
    uint32_t eax, ebx, ecx, edx;
};

/* All zero beyond the last leaf. */
static struct leaf leaf(uint32_t number, uint32_t part)
{
    struct leaf l = {0};

    if (number <= (uint32_t)__get_cpuid_max(number & 0x80000000u, NULL))
        __cpuid_count(number, part, l.eax, l.ebx, l.ecx, l.edx);
    return l;
}

static bool has(uint32_t bits, uint32_t wanted)
{
    return (bits & wanted) == wanted;
}

/* XCR0: the registers that the operating system saves.  Only where OSXSAVE says that it exists. */
static uint32_t saved_registers(void)
{
    uint32_t low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static bool is_amd(void)
{
    const struct leaf zero = leaf(0, 0);
    const uint32_t name[] = {zero.ebx, zero.edx, zero.ecx};

    return !memcmp(name, "AuthenticAMD", sizeof name);
}

uint32_t heed_cpu_probe(void)
{
    enum { SSE2 = 1 << 26 };                                                  /* 1.edx */
    enum { FMA = 1 << 12, OSXSAVE = 1 << 27, AVX = 1 << 28, F16C = 1 << 29 }; /* 1.ecx */
    enum { AVX2 = 1 << 5, F = 1 << 16, DQ = 1 << 17, BW = 1 << 30 };          /* 7.ebx */
    enum { XMM = 1 << 1, YMM = 1 << 2, MASKS = 1 << 5, ZMM = 3 << 6 };        /* XCR0 */
    enum { AMX_BF16 = 1 << 22, AMX_TILE = 1 << 24 };                          /* 7.edx */
    enum { AVX512_BF16 = 1 << 5 };                                            /* 7.1 eax */
    enum { TILES = 3 << 17 };                                                 /* XCR0 */
    const uint32_t VL = UINT32_C(1) << 31;                                    /* 7.ebx */
    const struct leaf one = leaf(1, 0), seven = leaf(7, 0);
    const uint32_t saved = has(one.ecx, OSXSAVE) ? saved_registers() : 0;
    uint32_t cpu = 0;

    if (has(one.edx, SSE2))
        cpu |= HEED_CPU_SSE2;
    if (has(saved, XMM | YMM) && has(one.ecx, AVX | FMA | F16C) && has(seven.ebx, AVX2))
        cpu |= HEED_CPU_AVX2;
    if (has(saved, XMM | YMM | MASKS | ZMM) && has(seven.ebx, VL | F | BW | DQ))
        cpu |= HEED_CPU_AVX512;
    if (cpu & HEED_CPU_AVX512 && seven.eax && has(leaf(7, 1).eax, AVX512_BF16))
        cpu |= is_amd() ? HEED_CPU_AVX512BF16 | HEED_CPU_FASTBF16 : HEED_CPU_AVX512BF16;
    if (has(saved, TILES) && has(seven.edx, AMX_BF16 | AMX_TILE))
        cpu |= HEED_CPU_AMX;
    return cpu;
}

static void describe_cache(heed_cpu_info *info, const struct leaf *l)
{
    enum { INSTRUCTIONS = 2 };
    const uint32_t type = l->eax & 31, level = l->eax >> 5 & 7;
    const size_t ways = (l->ebx >> 22) + 1, partitions = (l->ebx >> 12 & 0x3ff) + 1;
    const size_t line = (l->ebx & 0xfff) + 1, sets = (size_t)l->ecx + 1;
    const size_t size = ways * partitions * line * sets;

    if (type == INSTRUCTIONS)
        return;
    if (level == 1)
        info->l1d_size = size;
    else if (level == 2)
        info->l2_size = size;
    else if (level == 3)
        info->l3_size = size;
}

void heed_cpu_describe(heed_cpu_info *info)
{
    enum { TOPOLOGY_EXTENSIONS = 1 << 22 }; /* 0x80000001.ecx, AMD's alone */
    const uint32_t caches = has(leaf(0x80000001u, 0).ecx, TOPOLOGY_EXTENSIONS) ? 0x8000001du : 4;

    for (uint32_t i = 0; i < 3; i++) {
        const struct leaf l = leaf(0x80000002u + i, 0);

        memcpy(info->brand + i * sizeof l, &l, sizeof l);
    }
    /* A hypervisor might never say that there are no more. */
    for (uint32_t i = 0; i < 16; i++) {
        const struct leaf l = leaf(caches, i);

        if (!(l.eax & 31))
            break;
        describe_cache(info, &l);
    }
}
