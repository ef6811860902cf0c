/* SPDX-License-Identifier: MIT */
/* cpu_sve.c - what SVE there is: how long its registers are, by asking one, and bf16. */
#include "cpu_probe.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>

/*
 * Bytes of an SVE register; 0 without SVE.  The kernel's word alone decides, which stands for
 * what all cores have in common, and how long their registers are.  cpu_features believes
 * /proc/cpuinfo as well: under an emulator or in a sandbox that tells of another machine.
 */
static uint64_t sve_bytes(void)
{
    if (getauxval(AT_HWCAP) & 1ul << 22) { /* HWCAP_SVE */
        register uint64_t bytes __asm__("x0");

        __asm__ volatile(".inst 0x04bf5020" : "=r"(bytes)); /* rdvl x0, #1, for any assembler */
        return bytes;
    }
    return 0;
}

static uint32_t sve_bf16(void)
{
    return getauxval(AT_HWCAP2) & 1ul << 12 ? HEED_CPU_SVEBF16 : 0; /* HWCAP2_SVEBF16 */
}
#else
static uint64_t sve_bytes(void)
{
    return 0;
}

static uint32_t sve_bf16(void)
{
    return 0;
}
#endif

uint32_t heed_cpu_sve(void)
{
    const uint64_t bytes = sve_bytes();

    return (bytes == 32 ? HEED_CPU_SVE256 : bytes == 64 ? HEED_CPU_SVE512 : 0) | sve_bf16();
}
