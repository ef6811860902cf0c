/* SPDX-License-Identifier: MIT */
/* pool_cpus.h - how many CPUs threads may use: pool_cpus_linux.c or pool_cpus_other.c. */
#ifndef HEED_POOL_CPUS_H
#define HEED_POOL_CPUS_H

#include "arithmetic.h"

#include <pthread.h>
#include <stddef.h>

/*
 * CPUs on which the calling thread or one of `count` others may run now: what affinity, cpusets and
 * CPUs that are off have left.  0: unknown.  Large and small cores count alike.
 */
size_t heed_pool_cpus(const pthread_t *threads, size_t count);

/*
 * CPUs' worth of time that control groups grant to this process, rounded up, by the files of /proc
 * and /sys below `root` ("", but in tests).  0: no limit known.
 */
size_t heed_pool_quota(const char *root);

/* Threads of a pool whose creator does not say how many: at least 1. */
size_t heed_pool_size(void);

#endif
