/* SPDX-License-Identifier: MIT */
/* loads.c - are denormals still numbers after a library was loaded?  Usage: loads library */
#include <dlfcn.h>
#include <float.h>
#include <stdio.h>

static int flushes(void)
{
    volatile float least = FLT_MIN;
    volatile float half = least * 0.5f;

    return half == 0.0f || half * 2.0f != least;
}

int main(int argc, char **argv)
{
    if (argc != 2 || flushes())
        return 2;
    if (!dlopen(argv[1], RTLD_NOW)) {
        puts(dlerror());
        return 2;
    }
    if (flushes())
        printf("%s flushes denormals in every program that loads it\n", argv[1]);
    return flushes();
}
