/* SPDX-License-Identifier: MIT */
/* info.c - `heed info`: the CPU and the instruction sets. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "tool.h"
#include "units.h"
#include "utf8.h"

enum { NAME_SIZE = 32 }; /* of an instruction set or feature */

static const char usage[] =
    "Usage: heed info [OPTION...]\n"
    "\n"
    "Shows the version, the CPU, its caches, and the instruction sets the library\n"
    "has kernels for, best first.\n"
    "\n"
    "  --json   print one JSON object\n"
    "  --help   print this\n";

static void put_cache(const char *name, size_t bytes)
{
    if (bytes)
        printf("  %s %zu KiB", name, bytes / 1024);
}

static void info_text(const heed_cpu_info *cpu)
{
    const char *brand = *cpu->brand ? cpu->brand : "unknown";

    printf("heed      %s\nCPU       ", heed_version_string());
    put_plain(stdout, brand, strlen(brand));
    printf("\nfeatures  %s\ncaches  ", *cpu->clusters ? cpu->clusters : "none known");
    put_cache("L1d", cpu->l1d_size);
    put_cache("L2", cpu->l2_size);
    put_cache("L3", cpu->l3_size);
    printf("%s\n\ninstruction set  kernels   runs here  default\n",
           cpu->l1d_size || cpu->l2_size || cpu->l3_size ? "" : "  unknown");
    for (size_t i = 0; heed_isa_at(i); i++) {
        const heed_isa *isa = heed_isa_at(i);

        printf("%-15s  %-8s  %-9s  %s\n", heed_isa_name(isa),
               heed_isa_emulated(isa) ? "emulated" : "native",
               heed_isa_supported(isa) ? "yes" : "no", isa == heed_isa_default() ? "yes" : "no");
    }
    put_units();
    if (*HEED_ISAS_LEFT_OUT)
        printf("\nnot in this build: %s\n", HEED_ISAS_LEFT_OUT);
}

/* isa NULL: one that this build left out. */
static void put_isa(struct json *json, const char *name, const heed_isa *isa)
{
    json_line(json);
    json_open(json, '{');
    json_key(json, "name");
    json_string(json, name);
    json_key(json, "compiled");
    json_bool(json, isa != NULL);
    json_key(json, "emulated");
    json_bool(json, heed_isa_emulated(isa));
    json_key(json, "supported");
    json_bool(json, heed_isa_supported(isa));
    json_key(json, "default");
    json_bool(json, isa && isa == heed_isa_default());
    put_unit(json, isa);
    json_close(json, '}');
}

/* Copies the first of several names with spaces between, and returns what follows it. */
static const char *take_name(const char *names, char name[NAME_SIZE])
{
    const size_t size = strcspn(names, " ");

    snprintf(name, NAME_SIZE, "%.*s", (int)size, names);
    return names + size + strspn(names + size, " ");
}

static void put_isas(struct json *json)
{
    const char *left_out = HEED_ISAS_LEFT_OUT;
    char name[NAME_SIZE];

    json_key(json, "isas");
    json_open(json, '[');
    for (size_t i = 0; heed_isa_at(i); i++)
        put_isa(json, heed_isa_name(heed_isa_at(i)), heed_isa_at(i));
    while (*left_out) {
        left_out = take_name(left_out, name);
        put_isa(json, name, NULL);
    }
    json_close(json, ']');
}

static void put_clusters(struct json *json, const heed_cpu_info *cpu)
{
    const char *names = cpu->clusters;
    char name[NAME_SIZE];

    json_key(json, "clusters");
    json_open(json, '[');
    while (*names) {
        names = take_name(names, name);
        json_string(json, name);
    }
    json_close(json, ']');
}

static void put_size(struct json *json, const char *key, size_t bytes)
{
    json_key(json, key);
    json_size(json, bytes);
}

static void info_json(const heed_cpu_info *cpu)
{
    struct json json = {.file = stdout};

    json_open(&json, '{');
    json_key(&json, "version");
    json_string(&json, heed_version_string());
    json_key(&json, "brand");
    json_string(&json, cpu->brand);
    put_clusters(&json, cpu);
    put_size(&json, "l1d_size", cpu->l1d_size);
    put_size(&json, "l2_size", cpu->l2_size);
    put_size(&json, "l3_size", cpu->l3_size);
    put_isas(&json);
    json_close(&json, '}');
}

int info_command(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
    void (*show)(const heed_cpu_info *) = info_text;
    heed_cpu_info cpu;

    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(usage, stdout);
            return finish_output();
        }
        if (option != 'j')
            return EXIT_BAD_INPUT; /* getopt_long() has said why */
        show = info_json;
    }
    if (argv[optind])
        return complain("unexpected \"%s\"", argv[optind]);
    heed_cpu(&cpu, sizeof cpu);
    show(&cpu);
    return finish_output();
}
