/* SPDX-License-Identifier: MIT */
/*
 * theory.c - ports of known cores.
 *
 * Sources: Fog, "The microarchitecture of Intel, AMD and VIA CPUs"; AMD's software
 * optimization guides for families 17h, 19h and 1Ah; Intel's optimization reference
 * manual; Arm's software optimization guides, and LLVM 19's models of their BFMMLA.  Left out on
 * purpose: hybrids, whose model number does not say which core runs, and models sold with one or
 * two units for 512 bits.
 */
#include "theory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "half.h"

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

/* Part numbers of Arm's MIDR_EL1; FMAs of 128 and of 256 bits, BFMMLAs. */
static const struct arm_core {
    unsigned part;
    double neon, sve256, bfmmla;
} arm[] = {
    {0xd0b, 2, 0, 0}, /* Cortex-A76 */
    {0xd0c, 2, 0, 0}, /* Neoverse N1 */
    {0xd40, 4, 2, 4}, /* Neoverse V1 */
    {0xd49, 2, 0, 2}, /* Neoverse N2 */
    {0xd4f, 4, 0, 4}, /* Neoverse V2 */
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

static const struct arm_core *find_arm(const struct machine *m)
{
    const unsigned long midr = strtoul(m->midr, NULL, 16);

    for (size_t i = 0; i < sizeof arm / sizeof arm[0]; i++)
        if (midr >> 24 == 0x41 && (midr >> 4 & 0xfff) == arm[i].part)
            return &arm[i];
    return NULL;
}

static double arm_fmas(const struct machine *m, const char *isa)
{
    const struct arm_core *core = find_arm(m);

    if (!core)
        return 0;
    if (strcmp(isa, "scalar") == 0)
        return core->neon / 2; /* a product and a sum, on the same pipes */
    return strcmp(isa, "neon") == 0 ? core->neon : strcmp(isa, "sve256") == 0 ? core->sve256 : 0;
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

/* In all but products of bf16 an instruction set with a matrix unit is its plain namesake. */
static const char *plain_isa(const char *isa)
{
    static const char *const plain[][2] = {{"amx", "avx512"},
                                           {"avx512bf16", "avx512"},
                                           {"neonbf16", "neon"},
                                           {"sve256bf16", "sve256"},
                                           {"sve512bf16", "sve512"}};

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (strcmp(isa, plain[i][0]) == 0)
            return plain[i][1];
    return isa;
}

/* Of tiles one begins every 16 cycles.  VDPBF16PS is left out: sources differ about it. */
static double products_per_cycle(const struct machine *m, const char *isa, size_t *flop)
{
    const struct core *core = find_x86(m);
    const struct arm_core *arm_core = core ? NULL : find_arm(m);
    const bool amx = strcmp(isa, "amx") == 0;

    *flop = amx ? 2 * 16 * 16 * 32 : 2 * 2 * 2 * 4;
    if (amx)
        return core ? 1 / 16.0 : 0;
    return arm_core && strcmp(isa, "neonbf16") == 0 ? arm_core->bfmmla : 0;
}

/* What a cycle does: so many operations, each of so much work. */
struct cycle {
    double operations;
    size_t work;
    char of[32];
};

static struct cycle cycle_of(const struct machine *m, const struct item *ceiling, const char *isa)
{
    const char *plain = plain_isa(isa);
    const size_t lanes = lanes_of(plain), size = dtype_size(ceiling->type);
    struct cycle c = {.work = 0};

    if (strcmp(ceiling->operation, "matrix") == 0) {
        c.operations = products_per_cycle(m, isa, &c.work);
        snprintf(c.of, sizeof c.of, "products x %zu", c.work);
    } else if (strncmp(ceiling->operation, "fma", 3) == 0) {
        c.operations = fmas_per_cycle(m, plain);
        c.work = 2 * lanes;
        snprintf(c.of, sizeof c.of, "ports x %zu lanes x 2", lanes);
    } else if (strcmp(ceiling->operation, "read_l1") == 0) {
        c.operations = reads_per_cycle(m, plain);
        c.work = size * lanes;
        snprintf(c.of, sizeof c.of, "loads x %zu lanes x %zu bytes", lanes, size);
    }
    return c;
}

double theory_per_cycle(const struct machine *m, const struct item *ceiling,
                        const struct setting *setting, char *formula, size_t size)
{
    const struct cycle c = cycle_of(m, ceiling, heed_isa_name(setting->isa));

    /* Threads that share a core share its ports. */
    if (setting->threads > 1 && m->threads_per_core != 1)
        return 0;
    snprintf(formula, size, "%g %s", c.operations, c.of);
    if (setting->threads > 1)
        snprintf(formula + strlen(formula), size - strlen(formula), " x %zu threads",
                 setting->threads);
    return c.operations * (double)(c.work * setting->threads);
}
