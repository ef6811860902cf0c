/* SPDX-License-Identifier: MIT */
/* isa.c - which implementations exist, and which one runs. */
#include "isa.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"
#include "heed_with.h" /* HEED_WITH_*, written by cmake/HeedIsa.cmake */

extern const struct heed_isa heed_isa_avx512, heed_isa_avx2, heed_isa_sse2;
extern const struct heed_isa heed_isa_sve512, heed_isa_sve256;
extern const struct heed_isa heed_isa_sve512bf16, heed_isa_sve256bf16;
extern const struct heed_isa heed_isa_amx, heed_isa_avx512bf16, heed_isa_neonbf16;
extern const struct heed_isa heed_isa_neon, heed_isa_neon32, heed_isa_scalar;

/* Best first.  A new instruction set is three lines here. */
static const struct heed_isa *const isas[] = {
#if HEED_WITH_AMX
    &heed_isa_amx,
#endif
#if HEED_WITH_AVX512BF16
    &heed_isa_avx512bf16,
#endif
#if HEED_WITH_AVX512
    &heed_isa_avx512,
#endif
#if HEED_WITH_AVX2
    &heed_isa_avx2,
#endif
#if HEED_WITH_SSE2
    &heed_isa_sse2,
#endif
#if HEED_WITH_SVE512BF16
    &heed_isa_sve512bf16,
#endif
#if HEED_WITH_SVE512
    &heed_isa_sve512,
#endif
#if HEED_WITH_SVE256BF16
    &heed_isa_sve256bf16,
#endif
#if HEED_WITH_SVE256
    &heed_isa_sve256,
#endif
#if HEED_WITH_NEONBF16
    &heed_isa_neonbf16,
#endif
#if HEED_WITH_NEON
    &heed_isa_neon,
#endif
#if HEED_WITH_NEON32
    &heed_isa_neon32,
#endif
    &heed_isa_scalar,
};

enum { ISA_COUNT = sizeof isas / sizeof isas[0] };

/* What `chosen` holds when HEED_ISA names nothing that runs here. */
static const struct heed_isa refused = {.name = "refused"};

const heed_isa *heed_isa_at(size_t index)
{
    return index < ISA_COUNT ? isas[index] : NULL;
}

const heed_isa *heed_isa_find(const char *name)
{
    for (size_t i = 0; name && i < ISA_COUNT; i++)
        if (!strcmp(name, isas[i]->name))
            return isas[i];
    return NULL;
}

const char *heed_isa_name(const heed_isa *isa)
{
    return isa ? isa->name : "none";
}

int heed_isa_emulated(const heed_isa *isa)
{
    return isa && isa->emulated;
}

int heed_isa_supported(const heed_isa *isa)
{
    /* Only a pointer from our own table is looked into: another one may be anything. */
    for (size_t i = 0; isa && i < ISA_COUNT; i++)
        if (isa == isas[i])
            return isa->emulated || (heed_cpu_features() & isa->needs) == isa->needs;
    return 0;
}

/* Whether it is the one that is wanted, or one that may be chosen unasked. */
static bool is_eligible(const struct heed_isa *isa, const char *wanted)
{
    return wanted ? !strcmp(wanted, isa->name) : !isa->emulated && heed_cpu_prefers_here(isa->name);
}

static const struct heed_isa *choose(const char *wanted)
{
    for (size_t i = 0; i < ISA_COUNT; i++)
        if (heed_isa_supported(isas[i]) && is_eligible(isas[i], wanted))
            return isas[i];
    return &refused;
}

const heed_isa *heed_isa_default(void)
{
    static _Atomic(const struct heed_isa *) chosen;
    const struct heed_isa *isa = atomic_load_explicit(&chosen, memory_order_acquire);

    /* Threads may race here; they all choose the same. */
    if (!isa) {
        const char *wanted = getenv("HEED_ISA");

        isa = choose(wanted && *wanted ? wanted : NULL);
        atomic_store_explicit(&chosen, isa, memory_order_release);
    }
    return isa == &refused ? NULL : isa;
}

const struct heed_isa *heed_isa_usable(const heed_isa *asked)
{
    if (!asked)
        return heed_isa_default(); /* chosen among those supported */
    return heed_isa_supported(asked) ? asked : NULL;
}

const struct heed_isa *heed_isa_of_panels(size_t keys)
{
    const heed_isa *isa = heed_isa_default();

    for (size_t i = 0; isa && isa->panel_keys != keys; i++) {
        if (i == ISA_COUNT)
            return NULL;
        if (heed_isa_supported(isas[i]) && is_eligible(isas[i], NULL))
            isa = isas[i];
    }
    return isa;
}

int heed_isa_bf16(const heed_isa *asked)
{
    return heed_isa_unit(asked, HEED_BF16, HEED_BF16, HEED_BF16, HEED_PRECISION_DEFAULT, NULL);
}

int heed_isa_unit(const heed_isa *asked, heed_dtype q, heed_dtype k, heed_dtype v,
                  heed_precision precision, int products[2])
{
    const struct heed_isa *isa = heed_isa_usable(asked);
    const struct heed_parts parts = heed_parts_for(q, k, v, precision);
    const bool takes =
        isa && (heed_is_kept(q) && !heed_is_byte(q) && heed_is_kept(k) && heed_is_kept(v)) &&
        heed_unit_takes(isa->unit_worth, q, k, v, precision) && isa->unit_works();

    if (products) {
        products[0] = takes ? (int)heed_score_products(&parts) : 0;
        products[1] = takes ? (int)heed_sum_products(&parts) : 0;
    }
    return takes;
}
