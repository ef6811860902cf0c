/* SPDX-License-Identifier: MIT */
/* machine.h - what can be known of the machine without privileges. */
#ifndef HEED_BENCH_REPORT_MACHINE_H
#define HEED_BENCH_REPORT_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

#include <heed/heed.h>

struct machine {
    heed_cpu_info cpu;
    char architecture[32], kernel[64];
    int family, model, stepping;  /* of x86; -1: not known */
    char midr[24], microcode[24]; /* "": not known, as of all that follow */
    char huge_pages[16], governor[32], virtualisation[32], emulation[32];
    int turbo; /* 1, 0, or -1: not known */
    size_t cores, threads_per_core, sockets;
    double memory_bytes;
};

void machine_describe(struct machine *machine, size_t cpu);
/* What the CPU itself says: one file for x86, one for others. */
void machine_identify(struct machine *machine);

/* The first word of a file, or its word in brackets, "" if there is none. */
void machine_word(const char *path, bool bracketed, char *word, size_t size);
/* The value behind "key : value" in /proc/cpuinfo, "" if there is none. */
void machine_cpuinfo(const char *key, char *value, size_t size);

#endif
