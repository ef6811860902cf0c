/* SPDX-License-Identifier: MIT */
/* choice.c - which kernels are worth it, for CPUs of every maker that the table tells apart. */
#include "cpu_choice.h"

#include <stdio.h>

static const struct {
    struct heed_cpu_id id;
    const char *isa;
    bool preferred;
} cases[] = {
    {{"AuthenticAMD", 0x19, 0}, "avx512bf16", true}, /* Zen 4 */
    {{"AuthenticAMD", 0x1a, 0}, "avx512bf16", true}, /* Zen 5 */
    {{"AuthenticAMD", 0x1b, 0}, "avx512bf16", true},
    {{"AuthenticAMD", 0x1a, 0}, "avx512", true},
    {{"HygonGenuine", 0x18, 0}, "avx512bf16", true},
    {{"GenuineIntel", 6, 0}, "avx512bf16", false},
    {{"GenuineIntel", 0x13, 0}, "avx512bf16", false}, /* Diamond Rapids */
    {{"GenuineIntel", 6, 0}, "avx512", true},
    {{"GenuineIntel", 6, 0}, "amx", true},
    {{"CentaurHauls", 7, 0}, "avx512bf16", false},
    {{"  Shanghai  ", 7, 0}, "avx512bf16", false},
    {{"VirtualApple", 6, 0}, "avx512bf16", false},
    {{"VirtualApple", 6, 0}, "avx2", true},
    {{"E2K MACHINE", 4, 0}, "sse2", true},
    {{"", 0, 0}, "avx512bf16", false},
    {{"", 0, 0}, "avx2", true},
    {{"", 0, 0x41}, "neonbf16", true}, /* Arm */
    {{"", 0, 0x41}, "sve256bf16", true},
    {{"", 0, 0x46}, "sve512", true},    /* Fujitsu */
    {{"", 0, 0x51}, "neonbf16", true},  /* Qualcomm */
    {{"", 0, 0x61}, "neonbf16", false}, /* Apple */
    {{"", 0, 0x61}, "neon", true},
    {{"", 0, 0}, "neonbf16", true},
    {{"", 0, 0}, "scalar", true},
};

int main(void)
{
    int wrong = 0;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (heed_cpu_prefers(&cases[i].id, cases[i].isa) != cases[i].preferred) {
            printf("%s on \"%s\", family 0x%x, implementer 0x%x: not %s\n", cases[i].isa,
                   cases[i].id.vendor, (unsigned)cases[i].id.family,
                   (unsigned)cases[i].id.implementer, cases[i].preferred ? "taken" : "left");
            wrong++;
        }
    printf("%d of the choices are wrong\n", wrong);
    return wrong != 0;
}
