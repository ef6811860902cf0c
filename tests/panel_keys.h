/* SPDX-License-Identifier: MIT */
/* panel_keys.h - how many keys a panel of packed K has, as the public header says. */
#ifndef HEED_TESTS_PANEL_KEYS_H
#define HEED_TESTS_PANEL_KEYS_H

#include <string.h>

#include <heed/heed.h>

/* 0: one that the header does not know. */
static inline size_t panel_keys(const heed_isa *isa)
{
    static const struct {
        const char *name;
        size_t keys;
    } known[] = {{"avx512", 64},     {"avx512bf16", 64}, {"amx", 64},        {"sve512", 64},
                 {"sve512bf16", 64}, {"sve256", 32},     {"sve256bf16", 32}, {"avx2", 16},
                 {"sse2", 16},       {"neon", 16},       {"neonbf16", 16},   {"neon32", 16},
                 {"scalar", 4}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(known[i].name, heed_isa_name(isa)))
            return known[i].keys;
    return 0;
}

#endif
