/* SPDX-License-Identifier: MIT */
/*
 * quiet.c - where the messages of cpu_features end: nowhere.
 *
 * On ARM processors without HWCAP2 (Cortex-A7, A53, A72) cpu_features 0.7.0
 * writes "Parsing /proc/self/auxv" to stdout.  cmake/HeedCpuFeatures.cmake
 * points these calls of its private copy here.
 */
#include "arithmetic.h"

#include <stdio.h>

int heed_quiet_puts(const char *text);
int heed_quiet_printf(const char *format, ...);
int heed_quiet___printf_chk(int flag, const char *format, ...);
int heed_quiet_putchar(int c);
int heed_quiet_fflush(FILE *stream);

int heed_quiet_puts(const char *text)
{
    (void)text;
    return 0;
}

int heed_quiet_printf(const char *format, ...)
{
    (void)format;
    return 0;
}

int heed_quiet___printf_chk(int flag, const char *format, ...)
{
    (void)flag;
    (void)format;
    return 0;
}

int heed_quiet_putchar(int c)
{
    return c;
}

int heed_quiet_fflush(FILE *stream)
{
    (void)stream;
    return 0;
}
