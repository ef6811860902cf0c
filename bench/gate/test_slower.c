/* SPDX-License-Identifier: MIT */
/*
 * test_slower.c - libheed, but attention takes longer: by as many per cent as HEED_SLOWER says.
 * What is not here dlsym() finds in the library that this one needs.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <heed/heed.h>

static double seconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

HEED_API heed_status heed_attention(const heed_attention_args *args)
{
    static heed_status (*real)(const heed_attention_args *args);
    static double share;

    if (!real) {
        void *const symbol = dlsym(RTLD_NEXT, "heed_attention");
        const char *percent = getenv("HEED_SLOWER");

        memcpy(&real, &symbol, sizeof real);
        share = percent ? strtod(percent, NULL) / 100 : 0;
    }
    const double start = seconds();
    const heed_status status = real(args);
    const double end = seconds() + share * (seconds() - start);

    while (seconds() < end)
        continue;
    return status;
}
