/* SPDX-License-Identifier: MIT */
/* machine.c - as Linux tells it in /proc and /sys. */
#define _GNU_SOURCE /* sysconf, uname */
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

void machine_word(const char *path, bool bracketed, char *word, size_t size)
{
    FILE *file = fopen(path, "r");
    char line[128] = "";

    *word = '\0';
    if (file && fgets(line, sizeof line, file)) {
        const char *start = bracketed ? strchr(line, '[') : line;

        if (start)
            snprintf(word, size, "%.*s", (int)strcspn(start + bracketed, "] \n"),
                     start + bracketed);
    }
    if (file)
        fclose(file);
}

void machine_cpuinfo(const char *key, char *value, size_t size)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[4096]; /* the flags of x86 fill most of it */
    const size_t length = strlen(key);

    *value = '\0';
    while (file && *value == '\0' && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');

        if (!colon || strncmp(line, key, length) != 0 || !strchr(" \t:", line[length]))
            continue;
        colon += 1 + strspn(colon + 1, " \t");
        snprintf(value, size, "%.*s", (int)strcspn(colon, "\n"), colon);
    }
    if (file)
        fclose(file);
}

static size_t count_siblings(void)
{
    char list[64], *at = list;
    size_t count = 0;

    machine_word("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list", false, list,
                 sizeof list);
    while (*at) { /* "0-1,8-9" or "0,8" */
        const unsigned long first = strtoul(at, &at, 10);
        const unsigned long last = *at == '-' ? strtoul(at + 1, &at, 10) : first;

        count += last - first + 1;
        if (*at != ',')
            break;
        at++;
    }
    return count;
}

/* Packages are numbered from 0. */
static size_t count_sockets(size_t cpus)
{
    long most = -1;

    for (size_t i = 0; i < cpus; i++) {
        char path[96], word[16];

        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/topology/physical_package_id",
                 i);
        machine_word(path, false, word, sizeof word);
        if (*word && strtol(word, NULL, 10) > most)
            most = strtol(word, NULL, 10);
    }
    return (size_t)(most + 1);
}

static void describe_clocks(struct machine *m, size_t cpu)
{
    char path[96], word[16];

    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/cpufreq/scaling_governor", cpu);
    machine_word(path, false, m->governor, sizeof m->governor);
    machine_word("/sys/devices/system/cpu/cpufreq/boost", false, word, sizeof word);
    m->turbo = *word ? *word == '1' : -1;
    machine_word("/sys/devices/system/cpu/intel_pstate/no_turbo", false, word, sizeof word);
    if (*word)
        m->turbo = *word == '0';
}

/* Without what a distribution or an owner writes behind it: "Linux 6.1". */
static void describe_kernel(struct machine *m)
{
    struct utsname name;

    if (uname(&name) != 0)
        return;
    const size_t major = strcspn(name.release, ".");
    const size_t minor = name.release[major] ? strspn(name.release + major + 1, "0123456789") : 0;

    snprintf(m->kernel, sizeof m->kernel, "%.16s %.*s", name.sysname,
             (int)(major + (minor ? 1 + minor : 0)), name.release);
    snprintf(m->architecture, sizeof m->architecture, "%.31s", name.machine);
}

void machine_describe(struct machine *m, size_t cpu)
{
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    char path[96];

    *m = (struct machine){.family = -1, .model = -1, .stepping = -1, .turbo = -1};
    heed_cpu(&m->cpu, sizeof m->cpu);
    describe_kernel(m);
    describe_clocks(m, cpu);
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/regs/identification/midr_el1", cpu);
    machine_word(path, false, m->midr, sizeof m->midr);
    machine_cpuinfo("microcode", m->microcode, sizeof m->microcode);
    machine_word("/sys/kernel/mm/transparent_hugepage/enabled", true, m->huge_pages,
                 sizeof m->huge_pages);
    m->memory_bytes = pages > 0 && page > 0 ? (double)pages * (double)page : 0;
    m->threads_per_core = count_siblings();
    m->sockets = online > 0 ? count_sockets((size_t)online) : 0;
    m->cores = online > 0 ? (size_t)online : 0;
    if (m->threads_per_core > 1)
        m->cores /= m->threads_per_core;
    machine_identify(m);
}
