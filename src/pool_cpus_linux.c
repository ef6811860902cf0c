/* SPDX-License-Identifier: MIT */
/* pool_cpus_linux.c - CPUs that threads may use, by their affinity; the kernel has taken cpusets
 * and CPUs that are off into account. */
#include "pool_cpus.h"

#include <sched.h>
#include <stdbool.h>

enum { FIRST_CPUS = 1024, MOST_CPUS = 1 << 20 };

/* All masks of a size joined; false if one could not be had, most likely for its size. */
static bool join(const pthread_t *threads, size_t count, size_t size, cpu_set_t *all,
                 cpu_set_t *one)
{
    if (sched_getaffinity(0, size, all))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (pthread_getaffinity_np(threads[i], size, one))
            return false;
        CPU_OR_S(size, all, all, one);
    }
    return true;
}

size_t heed_pool_cpus(const pthread_t *threads, size_t count)
{
    size_t cpus = 0;

    /* The kernel refuses a set that is smaller than its own, whatever is in it. */
    for (size_t possible = FIRST_CPUS; !cpus && possible <= MOST_CPUS; possible *= 4) {
        const size_t size = CPU_ALLOC_SIZE(possible);
        cpu_set_t *all = CPU_ALLOC(possible), *one = CPU_ALLOC(possible);

        if (all && one && join(threads, count, size, all, one))
            cpus = (size_t)CPU_COUNT_S(size, all);
        CPU_FREE(one);
        CPU_FREE(all);
    }
    return cpus;
}

size_t heed_pool_size(void)
{
    const size_t cpus = heed_pool_cpus(NULL, 0), quota = heed_pool_quota("");
    const size_t size = quota && (!cpus || quota < cpus) ? quota : cpus;

    return size ? size : 1;
}
