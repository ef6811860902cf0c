/* SPDX-License-Identifier: MIT */
/* cpu_generic.c - what the compiler may take for granted, where nobody can be asked. */
#include "cpu_probe.h"

uint32_t heed_cpu_probe(void)
{
#if defined(__aarch64__) || defined(_M_ARM64)
    return HEED_CPU_NEON; /* part of every AArch64 */
#else
    return 0;
#endif
}

void heed_cpu_identify(struct heed_cpu_id *id)
{
    (void)id;
}

void heed_cpu_describe(heed_cpu_info *info)
{
    (void)info;
}
