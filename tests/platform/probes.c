/* SPDX-License-Identifier: MIT */
/* probes.c - our own probe finds what cpu_features finds. */
#include <stdio.h>
#include <string.h>

#include "cpu_probe.h"

/* The other probe under other names, see CMakeLists.txt. */
uint32_t own_probe(void);
void own_describe(heed_cpu_info *info);

static int differ(const char *what, const char *package, const char *own)
{
    const int unlike = strcmp(package, own) != 0;

    printf("%-8s  cpu_features: %s  own: %s%s\n", what, package, own, unlike ? "  DIFFERENT" : "");
    return unlike;
}

static int differ_in_size(const char *what, size_t package, size_t own)
{
    char sizes[2][32];

    snprintf(sizes[0], sizeof sizes[0], "%zu", package);
    snprintf(sizes[1], sizeof sizes[1], "%zu", own);
    return differ(what, sizes[0], sizes[1]);
}

int main(void)
{
    heed_cpu_info package = {0}, own = {0};
    char bits[2][16];

    heed_cpu_describe(&package);
    own_describe(&own);
    snprintf(bits[0], sizeof bits[0], "%#x", (unsigned)heed_cpu_probe());
    snprintf(bits[1], sizeof bits[1], "%#x", (unsigned)own_probe());
    return differ("clusters", bits[0], bits[1]) | differ("brand", package.brand, own.brand) |
           differ_in_size("L1d", package.l1d_size, own.l1d_size) |
           differ_in_size("L2", package.l2_size, own.l2_size) |
           differ_in_size("L3", package.l3_size, own.l3_size);
}
