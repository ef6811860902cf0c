/* SPDX-License-Identifier: MIT */
/* cpu_apple.c - Macs with Apple silicon, by sysctl. */
#include "arithmetic.h"

#include <sys/types.h>

#include <sys/sysctl.h>

#include "cpu_probe.h"

/* 0 where there is no such name, as in older systems. */
static uint64_t number(const char *name)
{
    uint64_t value = 0; /* little-endian: a name of 32 bits fills its lower half */
    size_t size = sizeof value;

    return sysctlbyname(name, &value, &size, NULL, 0) ? 0 : value;
}

uint32_t heed_cpu_probe(void)
{
    return HEED_CPU_NEON | (number("hw.optional.arm.FEAT_BF16") ? HEED_CPU_NEONBF16 : 0);
}

void heed_cpu_identify(struct heed_cpu_id *id)
{
    id->implementer = 0x61;
}

/* Caches of the fast cores, which are named first. */
void heed_cpu_describe(heed_cpu_info *info)
{
    size_t size = sizeof info->brand - 1;

    if (sysctlbyname("machdep.cpu.brand_string", info->brand, &size, NULL, 0))
        info->brand[0] = '\0';
    info->l1d_size = (size_t)number("hw.perflevel0.l1dcachesize");
    info->l2_size = (size_t)number("hw.perflevel0.l2cachesize");
}
