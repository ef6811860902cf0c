/* SPDX-License-Identifier: MIT */
/* pool_cpus_other.c - CPUs that threads may use, where all may use all that are on, as on macOS, or
 * where heed knows no way to ask. */
#include "pool_cpus.h"

#include <unistd.h>

size_t heed_pool_cpus(const pthread_t *threads, size_t count)
{
    const long cpus = sysconf(_SC_NPROCESSORS_ONLN);

    (void)threads;
    (void)count;
    return cpus > 0 ? (size_t)cpus : 0;
}

size_t heed_pool_quota(const char *root)
{
    (void)root;
    return 0;
}

size_t heed_pool_size(void)
{
    const size_t cpus = heed_pool_cpus(NULL, 0);

    return cpus ? cpus : 1;
}
