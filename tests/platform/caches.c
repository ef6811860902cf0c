/* SPDX-License-Identifier: MIT */
/* caches.c - Linux tells everybody of the same caches, and of no SVE where there is no ARM. */
#include <stdio.h>
#include <unistd.h>

#include "cpu_probe.h"

/* Each holds more than the one before it; 0: not known. */
static int in_order(const heed_cpu_info *info)
{
    return (!info->l2_size || info->l1d_size < info->l2_size) &&
           (!info->l3_size || info->l2_size < info->l3_size);
}

int main(void)
{
    heed_cpu_info info = {0};
    long libc = 0;

    heed_cpu_caches(&info);
#if defined(_SC_LEVEL1_DCACHE_SIZE)
    libc = sysconf(_SC_LEVEL1_DCACHE_SIZE);
#endif
    printf("L1d %zu (libc: %ld), L2 %zu, L3 %zu, SVE %#x\n", info.l1d_size, libc, info.l2_size,
           info.l3_size, (unsigned)heed_cpu_sve());
#if !defined(__aarch64__)
    if (heed_cpu_sve())
        return 1;
#endif
    return !in_order(&info) || (libc > 0 && info.l1d_size && info.l1d_size != (size_t)libc);
}
