/* SPDX-License-Identifier: MIT */
/* pin.c - keeps the process on chosen cores: a migrated thread finds cold caches. */
#define _GNU_SOURCE /* sched_setaffinity */
#include <sched.h>

#include "threads.h"

#ifdef __linux__
bool threads_pin(size_t cpu, size_t count)
{
    cpu_set_t cores;

    CPU_ZERO(&cores);
    for (size_t i = cpu; i < cpu + count && i < CPU_SETSIZE; i++)
        CPU_SET(i, &cores);
    return sched_setaffinity(0, sizeof cores, &cores) == 0 &&
           sched_getaffinity(0, sizeof cores, &cores) == 0 && (size_t)CPU_COUNT(&cores) == count;
}
#else
bool threads_pin(size_t cpu, size_t count)
{
    (void)cpu, (void)count;
    return false;
}
#endif
