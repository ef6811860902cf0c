/* SPDX-License-Identifier: MIT */
/*
 * cpu_linux.c - ARM and RISC-V by the auxiliary vector, where cpu_features is not packaged.
 *
 * On a processor with unlike cores the kernel reports what all of them have, and
 * it reports nothing whose registers it does not save.  A bit that an old kernel
 * does not know is missing: then something less runs.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "cpu_probe.h"

/* As in the kernel's asm/hwcap.h, which older headers lack. */
#if defined(__aarch64__)
enum { ASIMD = 1 << 1, CLUSTER = HEED_CPU_NEON };
#elif defined(__arm__)
enum { ASIMD = 1 << 12, CLUSTER = HEED_CPU_NEON32 };
#else
enum { ASIMD = 0, CLUSTER = 0 };
#endif

static uint32_t neonbf16(void)
{
#if defined(__aarch64__)
    enum { BF16 = 1 << 14 };

    return getauxval(AT_HWCAP2) & BF16 ? HEED_CPU_NEONBF16 : 0;
#else
    return 0;
#endif
}

uint32_t heed_cpu_probe(void)
{
    return (getauxval(AT_HWCAP) & ASIMD ? CLUSTER : 0) | neonbf16() | heed_cpu_sve();
}

enum { VALUE_SIZE = 64 };

/* The text after "<key>\t: " in /proc/cpuinfo, of the first processor that has it. */
static bool cpuinfo(const char *key, char value[VALUE_SIZE])
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];
    bool found = false;

    while (file && !found && fgets(line, sizeof line, file)) {
        const char *text = line + strcspn(line, ":");

        found = !strncmp(line, key, strlen(key)) && *text && text[1];
        if (found)
            snprintf(value, VALUE_SIZE, "%.*s", (int)strcspn(text + 2, "\n"), text + 2);
    }
    if (file)
        fclose(file);
    return found;
}

static unsigned cpuinfo_number(const char *key)
{
    char value[VALUE_SIZE];

    return cpuinfo(key, value) ? (unsigned)strtoul(value, NULL, 0) : 0;
}

void heed_cpu_identify(struct heed_cpu_id *id)
{
    id->implementer = heed_cpu_midr_implementer();
    if (!id->implementer)
        id->implementer = cpuinfo_number("CPU implementer");
}

void heed_cpu_describe(heed_cpu_info *info)
{
    const unsigned implementer = cpuinfo_number("CPU implementer");

    if (implementer)
        snprintf(info->brand, sizeof info->brand, "implementer 0x%02x part 0x%03x variant %u",
                 implementer, cpuinfo_number("CPU part"), cpuinfo_number("CPU variant"));
#if defined(__riscv)
    if (!cpuinfo("uarch", info->brand))
        cpuinfo("isa", info->brand);
#endif
}
