/* SPDX-License-Identifier: MIT */
/* machine_other.c - ARM and RISC-V cannot be asked from a program; the kernel's word counts. */
#include <stdio.h>
#include <string.h>

#include "machine.h"

void machine_identify(struct machine *m)
{
    char word[64];

    machine_word("/sys/class/dmi/id/sys_vendor", false, word, sizeof word);
    if (strncmp(word, "QEMU", 4) == 0)
        snprintf(m->virtualisation, sizeof m->virtualisation, "qemu");
    if (strncmp(word, "Amazon", 6) == 0 || strncmp(word, "Google", 6) == 0)
        snprintf(m->virtualisation, sizeof m->virtualisation, "kvm");
    machine_word("/sys/hypervisor/type", false, word, sizeof word);
    if (*word)
        snprintf(m->virtualisation, sizeof m->virtualisation, "%.31s", word);
    /* User-mode qemu shows the file of the machine that it runs on. */
    machine_cpuinfo("vendor_id", word, sizeof word);
    if (strcmp(word, "GenuineIntel") == 0 || strcmp(word, "AuthenticAMD") == 0)
        snprintf(m->emulation, sizeof m->emulation, "qemu");
}
