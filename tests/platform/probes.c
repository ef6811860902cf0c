/* SPDX-License-Identifier: MIT */
/* probes.c - the library's probe of the CPU finds what another one finds. */
#include <stdio.h>
#include <string.h>

#include "cpu_probe.h"

/* The other probe, see CMakeLists.txt. */
uint32_t other_probe(void);
void other_describe(heed_cpu_info *info);

static int differ(const char *what, const char *library, const char *other)
{
    const int unlike = strcmp(library, other) != 0;

    printf("%-8s  library: %s  other: %s%s\n", what, library, other, unlike ? "  DIFFERENT" : "");
    return unlike;
}

static int differ_in_size(const char *what, size_t library, size_t other)
{
    char sizes[2][32];

    snprintf(sizes[0], sizeof sizes[0], "%zu", library);
    snprintf(sizes[1], sizeof sizes[1], "%zu", other);
    return differ(what, sizes[0], sizes[1]);
}

int main(void)
{
    heed_cpu_info library = {0}, other = {0};
    char bits[2][16];

    snprintf(bits[0], sizeof bits[0], "%#x", (unsigned)heed_cpu_probe());
    snprintf(bits[1], sizeof bits[1], "%#x", (unsigned)other_probe());
    heed_cpu_describe(&library);
    other_describe(&other);
    return differ("clusters", bits[0], bits[1]) | differ("brand", library.brand, other.brand) |
           differ_in_size("L1d", library.l1d_size, other.l1d_size) |
           differ_in_size("L2", library.l2_size, other.l2_size) |
           differ_in_size("L3", library.l3_size, other.l3_size);
}
