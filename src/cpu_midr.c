/* SPDX-License-Identifier: MIT */
/* cpu_midr.c - who made an AArch64 CPU, by the register that says so. */
#include "cpu_probe.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>

/*
 * Of the core that this thread runs on at the moment.  The kernel reads the register for us, and
 * says by HWCAP_CPUID that it does, which /proc need not: that may be absent, or an emulator's.
 */
uint32_t heed_cpu_midr_implementer(void)
{
    uint64_t midr;

    if (!(getauxval(AT_HWCAP) & 1ul << 11)) /* HWCAP_CPUID */
        return 0;
    __asm__("mrs %0, midr_el1" : "=r"(midr));
    return (uint32_t)(midr >> 24 & 0xff);
}
#else
uint32_t heed_cpu_midr_implementer(void)
{
    return 0;
}
#endif
