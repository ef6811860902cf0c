/* SPDX-License-Identifier: MIT */
/* machine_x86.c - family, model and hypervisor by CPUID. */
#include <cpuid.h>
#include <stdio.h>
#include <string.h>

#include "machine.h"

/* Intel SDM volume 2, CPUID leaf 1: the extended fields count for families 6 and 15. */
static void identify_family(struct machine *m, unsigned signature)
{
    const unsigned family = signature >> 8 & 15, model = signature >> 4 & 15;

    m->family = (int)(family == 15 ? family + (signature >> 20 & 255) : family);
    m->model = (int)(family == 6 || family == 15 ? model + (signature >> 12 & 0xf0) : model);
    m->stepping = (int)(signature & 15);
}

/* Signatures of leaf 0x40000000, by which hypervisors tell who they are. */
static void identify_hypervisor(struct machine *m)
{
    static const char *const known[][2] = {
        {"KVMKVMKVM", "kvm"},     {"Microsoft Hv", "hyperv"}, {"VMwareVMware", "vmware"},
        {"XenVMMXenVMM", "xen"},  {"bhyve bhyve ", "bhyve"},  {"TCGTCGTCGTCG", "qemu"},
        {"ACRNACRNACRN", "acrn"}, {"QNXQVMBSQG", "qnx"},
    };
    unsigned leaf, words[3];
    char signature[13] = "";

    __cpuid(0x40000000, leaf, words[0], words[1], words[2]);
    memcpy(signature, words, 12);
    snprintf(m->virtualisation, sizeof m->virtualisation, "unknown");
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(signature, known[i][0]) == 0)
            snprintf(m->virtualisation, sizeof m->virtualisation, "%s", known[i][1]);
    /* TCG interprets: it is an emulator, whatever runs it. */
    if (strcmp(m->virtualisation, "qemu") == 0)
        snprintf(m->emulation, sizeof m->emulation, "qemu");
}

void machine_identify(struct machine *m)
{
    unsigned a, b, c, d;

    if (!__get_cpuid(1, &a, &b, &c, &d))
        return;
    identify_family(m, a);
    if (c >> 31)
        identify_hypervisor(m);
    if (strstr(m->cpu.brand, "QEMU"))
        snprintf(m->emulation, sizeof m->emulation, "qemu");
}
