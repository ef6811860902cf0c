/* SPDX-License-Identifier: MIT */
/*
 * cpu_x86.c - x86-64 by CPUID and XGETBV.
 *
 * Not by cpu_features, whose version 0.7.0 knows no feature of a CPU of a vendor that it does
 * not know: VIA's own name, VirtualApple (Rosetta 2), E2K.  tests/platform/probes.c holds one
 * against the other.  Source of leaves and bits: Intel, Software Developer's Manual, volume 2,
 * CPUID; AMD, Architecture Programmer's Manual, volume 3, appendix E.
 */
#include "cpu_x86.h"

#include <cpuid.h>
#include <stdbool.h>
#include <string.h>

#include "cpu_probe.h"

/* All zero beyond the last leaf, where some CPUs repeat their last one. */
static struct heed_cpuid leaf(const struct heed_x86 *cpu, uint32_t number, uint32_t part)
{
    const uint32_t range = number & 0x80000000u, last = cpu->cpuid(range, 0).eax;

    return last >= number && (last & 0x80000000u) == range ? cpu->cpuid(number, part)
                                                           : (struct heed_cpuid){0, 0, 0, 0};
}

static bool has(uint32_t bits, uint32_t wanted)
{
    return (bits & wanted) == wanted;
}

uint32_t heed_x86_clusters(const struct heed_x86 *cpu)
{
    enum { SSE2 = 1 << 26 };                                                  /* 1.edx */
    enum { FMA = 1 << 12, OSXSAVE = 1 << 27, AVX = 1 << 28, F16C = 1 << 29 }; /* 1.ecx */
    enum { AVX2 = 1 << 5, F = 1 << 16, DQ = 1 << 17, BW = 1 << 30 };          /* 7.ebx */
    enum { XMM = 1 << 1, YMM = 1 << 2, MASKS = 1 << 5, ZMM = 3 << 6 };        /* XCR0 */
    enum { AMX_BF16 = 1 << 22, AMX_TILE = 1 << 24 };                          /* 7.edx */
    enum { AVX512_BF16 = 1 << 5 };                                            /* 7.1 eax */
    enum { TILES = 3 << 17 };                                                 /* XCR0 */
    const uint32_t VL = UINT32_C(1) << 31;                                    /* 7.ebx */
    const struct heed_cpuid one = leaf(cpu, 1, 0), seven = leaf(cpu, 7, 0);
    const uint32_t saved = has(one.ecx, OSXSAVE) ? cpu->xcr0() : 0;
    uint32_t found = 0;

    if (has(one.edx, SSE2))
        found |= HEED_CPU_SSE2;
    if (has(saved, XMM | YMM) && has(one.ecx, AVX | FMA | F16C) && has(seven.ebx, AVX2))
        found |= HEED_CPU_AVX2;
    if (has(saved, XMM | YMM | MASKS | ZMM) && has(seven.ebx, VL | F | BW | DQ))
        found |= HEED_CPU_AVX512;
    if (found & HEED_CPU_AVX512 && seven.eax && has(leaf(cpu, 7, 1).eax, AVX512_BF16))
        found |= HEED_CPU_AVX512BF16;
    if (has(saved, TILES) && has(seven.edx, AMX_BF16 | AMX_TILE))
        found |= HEED_CPU_AMX;
    return found;
}

void heed_x86_identify(const struct heed_x86 *cpu, struct heed_cpu_id *id)
{
    const struct heed_cpuid zero = leaf(cpu, 0, 0);
    const uint32_t name[] = {zero.ebx, zero.edx, zero.ecx};
    const uint32_t signature = leaf(cpu, 1, 0).eax, family = signature >> 8 & 0xf;

    memcpy(id->vendor, name, sizeof name);
    id->family = family == 0xf ? family + (signature >> 20 & 0xff) : family;
}

static void describe_cache(heed_cpu_info *info, const struct heed_cpuid *l)
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

void heed_x86_describe(const struct heed_x86 *cpu, heed_cpu_info *info)
{
    enum { TOPOLOGY_EXTENSIONS = 1 << 22 }; /* 0x80000001.ecx, AMD's alone */
    const uint32_t caches =
        has(leaf(cpu, 0x80000001u, 0).ecx, TOPOLOGY_EXTENSIONS) ? 0x8000001du : 4;

    for (uint32_t i = 0; i < 3; i++) {
        const struct heed_cpuid l = leaf(cpu, 0x80000002u + i, 0);

        memcpy(info->brand + i * sizeof l, &l, sizeof l);
    }
    /* A hypervisor might never say that there are no more. */
    for (uint32_t i = 0; i < 16; i++) {
        const struct heed_cpuid l = leaf(cpu, caches, i);

        if (!(l.eax & 31))
            break;
        describe_cache(info, &l);
    }
}

static struct heed_cpuid instruction(uint32_t number, uint32_t part)
{
    struct heed_cpuid l;

    __cpuid_count(number, part, l.eax, l.ebx, l.ecx, l.edx);
    return l;
}

/* The registers that the operating system saves. */
static uint32_t saved_registers(void)
{
    uint32_t low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static const struct heed_x86 here = {instruction, saved_registers};

uint32_t heed_cpu_probe(void)
{
    return heed_x86_clusters(&here);
}

void heed_cpu_identify(struct heed_cpu_id *id)
{
    heed_x86_identify(&here, id);
}

void heed_cpu_describe(heed_cpu_info *info)
{
    heed_x86_describe(&here, info);
}
