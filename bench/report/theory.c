/* SPDX-License-Identifier: MIT */
/*
 * theory.c - ports of known cores.
 *
 * Sources: Fog, "The microarchitecture of Intel, AMD and VIA CPUs"; AMD's software
 * optimization guides for families 17h, 19h and 1Ah; Intel's optimization reference
 * manual; Arm's software optimization guides.  Left out on purpose: hybrids, whose model
 * number does not say which core runs, and models sold with one or two units for 512 bits.
 */
#include "theory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Per cycle; 0: not known, or it has none. */
struct core {
    int family, first_model, last_model;
    double pairs;           /* a multiplication and an addition of 128 bits or one number */
    double avx2, avx512;    /* FMAs */
    double reads, reads512; /* loads, each with the addition that consumes it */
};

static const struct core amd[] = {
    {0x17, 0x00, 0x2f, 2, 1, 0, 2, 0}, /* Zen, whose units have 128 bits */
    {0x17, 0x30, 0xff, 2, 2, 0, 2, 0}, /* Zen 2 */
    {0x19, 0x00, 0x0f, 2, 2, 0, 2, 0}, /* Zen 3 */
    {0x19, 0x20, 0x5f, 2, 2, 0, 2, 0}, /* Zen 3 */
    {0x19, 0x10, 0x1f, 2, 2, 1, 2, 1}, /* Zen 4 */
    {0x19, 0x60, 0xaf, 2, 2, 1, 2, 1}, /* Zen 4 */
    {0x1a, 0x00, 0x1f, 2, 2, 2, 2, 2}, /* Zen 5 of servers, with 512 bits */
    {0x1a, 0x40, 0x4f, 2, 2, 2, 2, 2}, /* Zen 5 of desktops */
};

static const struct core intel[] = {
    {6, 0x3c, 0x3d, 1, 2, 0, 1, 0},   {6, 0x3f, 0x3f, 1, 2, 0, 1, 0}, /* Haswell, Broadwell: */
    {6, 0x45, 0x47, 1, 2, 0, 1, 0},   {6, 0x4f, 0x4f, 1, 2, 0, 1, 0}, /* one port adds */
    {6, 0x56, 0x56, 1, 2, 0, 1, 0},   {6, 0x4e, 0x4e, 1, 2, 0, 2, 0}, /* Skylake */
    {6, 0x55, 0x55, 1, 2, 0, 2, 0},   {6, 0x5e, 0x5e, 1, 2, 0, 2, 0},
    {6, 0x8e, 0x8e, 1, 2, 0, 2, 0},   {6, 0x9e, 0x9e, 1, 2, 0, 2, 0},
    {6, 0xa5, 0xa6, 1, 2, 0, 2, 0},   {6, 0x7d, 0x7e, 1, 2, 1, 2, 1},   /* Ice Lake of clients */
    {6, 0x8c, 0x8d, 1, 2, 1, 2, 1},   {6, 0xa7, 0xa7, 1, 2, 1, 2, 1},   /* Tiger and Rocket Lake */
    {6, 0x6a, 0x6a, 1, 2, 2, 2, 2},   {6, 0x6c, 0x6c, 1, 2, 2, 2, 2},   /* Ice Lake of servers */
    {6, 0x8f, 0x8f, 1.5, 2, 2, 2, 2}, {6, 0xcf, 0xcf, 1.5, 2, 2, 2, 2}, /* Golden Cove: adds on */
    {6, 0xad, 0xae, 1.5, 2, 2, 2, 2}, /* ports 1 and 5, multiplies on 0 and 1 */
};

/* Part numbers of Arm's MIDR_EL1; FMAs of 128 and of 256 bits. */
static const struct arm_core {
    unsigned part;
    double neon, sve256;
} arm[] = {
    {0xd0b, 2, 0}, /* Cortex-A76 */
    {0xd0c, 2, 0}, /* Neoverse N1 */
    {0xd40, 4, 2}, /* Neoverse V1 */
    {0xd49, 2, 0}, /* Neoverse N2 */
    {0xd4f, 4, 0}, /* Neoverse V2 */
};

static const struct core *find_x86(const struct machine *m)
{
    const bool is_amd = strstr(m->cpu.brand, "AMD") != NULL;
    const bool is_intel = strstr(m->cpu.brand, "Intel") != NULL;
    const struct core *cores = is_amd ? amd : intel;
    const size_t count = is_amd     ? sizeof amd / sizeof *amd
                         : is_intel ? sizeof intel / sizeof *intel
                                    : 0;

    for (size_t i = 0; i < count; i++)
        if (cores[i].family == m->family && m->model >= cores[i].first_model &&
            m->model <= cores[i].last_model)
            return &cores[i];
    return NULL;
}

static double arm_fmas(const struct machine *m, const char *isa)
{
    const unsigned long midr = strtoul(m->midr, NULL, 16);

    for (size_t i = 0; i < sizeof arm / sizeof arm[0]; i++) {
        if (midr >> 24 != 0x41 || (midr >> 4 & 0xfff) != arm[i].part)
            continue;
        if (strcmp(isa, "scalar") == 0)
            return arm[i].neon / 2; /* a product and a sum, on the same pipes */
        return strcmp(isa, "neon") == 0     ? arm[i].neon
               : strcmp(isa, "sve256") == 0 ? arm[i].sve256
                                            : 0;
    }
    return 0;
}

static double fmas_per_cycle(const struct machine *m, const char *isa)
{
    const struct core *core = find_x86(m);

    if (!core)
        return arm_fmas(m, isa);
    return strcmp(isa, "avx512") == 0 ? core->avx512
           : strcmp(isa, "avx2") == 0 ? core->avx2
                                      : core->pairs;
}

static double reads_per_cycle(const struct machine *m, const char *isa)
{
    const struct core *core = find_x86(m);

    if (!core)
        return 0;
    if (strcmp(isa, "avx2") == 0 && core->avx2 < 2)
        return core->reads / 2; /* halves */
    return strcmp(isa, "avx512") == 0 ? core->reads512 : core->reads;
}

static size_t lanes_of(const char *isa)
{
    static const struct {
        const char *isa;
        size_t lanes;
    } lanes[] = {{"avx512", 16}, {"avx2", 8}, {"sse2", 4},  {"sve512", 16},
                 {"sve256", 8},  {"neon", 4}, {"scalar", 1}};

    for (size_t i = 0; i < sizeof lanes / sizeof lanes[0]; i++)
        if (strcmp(isa, lanes[i].isa) == 0)
            return lanes[i].lanes;
    return 0;
}

double theory_per_cycle(const struct machine *m, const struct item *ceiling,
                        const struct setting *setting, char *formula, size_t size)
{
    const char *isa = heed_isa_name(setting->isa);
    const bool fma = strcmp(ceiling->operation, "fma") == 0;
    const bool read = strcmp(ceiling->operation, "read_l1") == 0;
    const double ports = fma ? fmas_per_cycle(m, isa) : read ? reads_per_cycle(m, isa) : 0;
    const size_t lanes = lanes_of(isa), each = fma ? 2 : sizeof(float);

    /* Threads that share a core share its ports. */
    if (setting->threads > 1 && m->threads_per_core != 1)
        return 0;
    snprintf(formula, size, "%g %s x %zu lanes x %zu%s", ports, fma ? "ports" : "loads", lanes,
             each, fma ? "" : " bytes");
    if (setting->threads > 1)
        snprintf(formula + strlen(formula), size - strlen(formula), " x %zu threads",
                 setting->threads);
    return ports * (double)(lanes * each * setting->threads);
}
