/* SPDX-License-Identifier: MIT */
/*
 * cpuid.c - what is made of CPUID on CPUs of other vendors, whose features count like those of
 * any other, and on systems that save fewer registers than the CPU has.
 */
#include <stdio.h>
#include <string.h>

#include "cpu.h"
#include "cpu_x86.h"

enum { SSE2 = HEED_CPU_SSE2, AVX2 = HEED_CPU_AVX2, AVX512 = HEED_CPU_AVX512 };
enum { BF16 = HEED_CPU_AVX512BF16, AMX = HEED_CPU_AMX };

/* A CPU as the manuals describe it. */
struct fake {
    const char *what, *vendor;
    uint32_t last_leaf, signature;
    uint32_t ecx1, edx1, ebx7, edx7, last_subleaf7, eax7_1;
    uint32_t xcr0;
    uint32_t clusters, family; /* expected */
};

enum { EDX1 = 1 << 26 }; /* SSE2 */
enum { FMA = 1 << 12, OSXSAVE = 1 << 27, AVX = 1 << 28, F16C = 1 << 29 };
enum { ECX1 = FMA | OSXSAVE | AVX | F16C };
enum { EBX7_AVX2 = 1 << 5, EBX7_512 = EBX7_AVX2 | 1 << 16 | 1 << 17 | 1 << 30 };
#define EBX7 ((uint32_t)EBX7_512 | UINT32_C(1) << 31)
enum { EDX7 = 1 << 22 | 1 << 24 };
enum { XMM_YMM = 6, ZMM_TOO = 0xe6 };
#define TILES_TOO (UINT32_C(0x60000) | ZMM_TOO)

static const struct fake fakes[] = {
    {"VIA Nano", "VIA VIA VIA ", 0xa, 0x6f8, 0, EDX1, 0, 0, 0, 0, 0, SSE2, 6},
    {"VIA Nano", "CentaurHauls", 0xa, 0x6fd, OSXSAVE, EDX1, 0, 0, 0, 0, 3, SSE2, 6},
    {"Zhaoxin", "  Shanghai  ", 0xd, 0x107b0, ECX1, EDX1, EBX7_AVX2, 0, 0, 0, XMM_YMM, SSE2 | AVX2,
     7},
    {"Rosetta 2", "VirtualApple", 7, 0x906a0, 0, EDX1, 0, 0, 0, 0, 0, SSE2, 6},
    {"Rosetta 2 with AVX2", "VirtualApple", 0xd, 0x906a0, ECX1, EDX1, EBX7_AVX2, 0, 0, 0, XMM_YMM,
     SSE2 | AVX2, 6},
    {"Elbrus", "E2K MACHINE\0", 1, 0x600, 0, EDX1, 0, 0, 0, 0, 0, SSE2, 6},
    {"no vendor", "\0\0\0\0\0\0\0\0\0\0\0\0", 0xd, 0x600, ECX1, EDX1, EBX7, 0, 1, 1 << 5, ZMM_TOO,
     SSE2 | AVX2 | AVX512 | BF16, 6},
    {"Zen 3", "AuthenticAMD", 0x10, 0xa20f10, ECX1, EDX1, EBX7_AVX2, 0, 0, 0, 7, SSE2 | AVX2, 0x19},
    {"Zen 4", "AuthenticAMD", 0x10, 0xa60f12, ECX1, EDX1, EBX7, 0, 1, 1 << 5, ZMM_TOO,
     SSE2 | AVX2 | AVX512 | BF16, 0x19},
    {"Zen 5", "AuthenticAMD", 0x10, 0xb40f40, ECX1, EDX1, EBX7, 0, 1, 1 << 5, ZMM_TOO,
     SSE2 | AVX2 | AVX512 | BF16, 0x1a},
    {"Hygon", "HygonGenuine", 0xd, 0x900f01, ECX1, EDX1, EBX7_AVX2, 0, 0, 0, 7, SSE2 | AVX2, 0x18},
    {"Sapphire Rapids", "GenuineIntel", 0x20, 0x806f8, ECX1, EDX1, EBX7, EDX7, 1, 1 << 5, TILES_TOO,
     SSE2 | AVX2 | AVX512 | BF16 | AMX, 6},
    {"without tiles saved", "GenuineIntel", 0x20, 0x806f8, ECX1, EDX1, EBX7, EDX7, 1, 1 << 5,
     ZMM_TOO, SSE2 | AVX2 | AVX512 | BF16, 6},
    {"without ZMM saved", "GenuineIntel", 0x20, 0x806f8, ECX1, EDX1, EBX7, EDX7, 1, 1 << 5, XMM_YMM,
     SSE2 | AVX2, 6},
    {"without OSXSAVE", "GenuineIntel", 0x20, 0x806f8, ECX1 & ~OSXSAVE, EDX1, EBX7, EDX7, 1, 1 << 5,
     TILES_TOO, SSE2, 6},
    {"Nehalem", "GenuineIntel", 0xb, 0x106a4, 0, EDX1, EBX7, EDX7, 1, 1 << 5, 0, SSE2, 6},
    {"leaf 7 of a CPU that has none", "GenuineIntel", 4, 0x106a4, ECX1, EDX1, EBX7, EDX7, 1, 1 << 5,
     TILES_TOO, SSE2, 6},
    {"part 1 of a leaf 7 that has none", "GenuineIntel", 0x16, 0x50654, ECX1, EDX1, EBX7, 0, 0,
     1 << 5, ZMM_TOO, SSE2 | AVX2 | AVX512, 6},
};

static const struct fake *now;

/* Intel's CPUs answer for their last leaf where they are asked for one past it. */
static struct heed_cpuid fake_cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct heed_cpuid l = {now->last_leaf, 0, 0, 0};

    if (leaf == 0) {
        memcpy(&l.ebx, now->vendor, 4);
        memcpy(&l.edx, now->vendor + 4, 4);
        memcpy(&l.ecx, now->vendor + 8, 4);
    } else if (leaf == 1) {
        l = (struct heed_cpuid){now->signature, 0, now->ecx1, now->edx1};
    } else if (leaf == 7 || leaf > now->last_leaf) {
        l = subleaf ? (struct heed_cpuid){now->eax7_1, 0, 0, 0}
                    : (struct heed_cpuid){now->last_subleaf7, now->ebx7, 0, now->edx7};
    }
    return l;
}

static uint32_t fake_xcr0(void)
{
    if (!(now->ecx1 & OSXSAVE)) {
        printf("%s: XGETBV would be an illegal instruction\n", now->what);
        return 0;
    }
    return now->xcr0;
}

static int is_wrong(const struct fake *fake)
{
    const struct heed_x86 cpu = {fake_cpuid, fake_xcr0};
    struct heed_cpu_id id = {.family = 0};
    heed_cpu_info info = {.brand = ""};

    now = fake;
    heed_x86_identify(&cpu, &id);
    heed_x86_describe(&cpu, &info);

    const uint32_t clusters = heed_x86_clusters(&cpu);
    if (clusters == fake->clusters && id.family == fake->family && !id.implementer &&
        !memcmp(id.vendor, fake->vendor, 12) && !id.vendor[12] && !info.brand[0])
        return 0;
    printf("%s: clusters %#x, not %#x; \"%s\" of family %#x\n", fake->what, (unsigned)clusters,
           (unsigned)fake->clusters, id.vendor, (unsigned)id.family);
    return 1;
}

int main(void)
{
    int wrong = 0;

    for (size_t i = 0; i < sizeof fakes / sizeof *fakes; i++)
        wrong += is_wrong(&fakes[i]);
    printf("%d of the CPUs are taken for others\n", wrong);
    return wrong != 0;
}
