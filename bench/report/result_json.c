/* SPDX-License-Identifier: MIT */
/* result_json.c - library and machine. */
#include "result_json.h"

#include <math.h>
#include <string.h>

#include "heed_bench_commit.h" /* written at every build */

void json_text(cJSON *object, const char *name, const char *text)
{
    if (text && *text)
        cJSON_AddStringToObject(object, name, text);
    else
        cJSON_AddNullToObject(object, name);
}

void json_number(cJSON *object, const char *name, double number)
{
    if (isfinite(number))
        cJSON_AddNumberToObject(object, name, number);
    else
        cJSON_AddNullToObject(object, name);
}

void json_positive(cJSON *object, const char *name, double number)
{
    json_number(object, name, number > 0 ? number : NAN);
}

void json_summary(cJSON *object, const char *suffix, const struct summary *s)
{
    const char *const names[] = {"median", "mad", "low", "high"};
    const double values[] = {s->median, s->mad, s->low, s->high};
    char name[32] = "";

    for (size_t i = 0; i < 4; i++) {
        strcpy(name, names[i]);
        strncat(name, suffix, sizeof name - strlen(name) - 1);
        json_number(object, name, values[i]);
    }
}

cJSON *json_library(void)
{
    cJSON *library = cJSON_CreateObject();

    json_text(library, "version", heed_version_string());
    json_text(library, "commit", HEED_BENCH_COMMIT);
    json_text(library, "compiler", HEED_BENCH_COMPILER);
    json_text(library, "flags", HEED_BENCH_FLAGS);
    json_text(library, "build_type", HEED_BENCH_BUILD_TYPE);
    return library;
}

static void add_clusters(cJSON *machine, const char *clusters)
{
    cJSON *names = cJSON_AddArrayToObject(machine, "clusters");
    char name[32];

    while (*clusters) {
        const size_t length = strcspn(clusters, " ");

        snprintf(name, sizeof name, "%.*s", (int)length, clusters);
        if (length)
            cJSON_AddItemToArray(names, cJSON_CreateString(name));
        clusters += length + (clusters[length] == ' ');
    }
}

static void add_signature(cJSON *machine, const struct machine *m)
{
    const char *const names[] = {"family", "model", "stepping"};
    const int values[] = {m->family, m->model, m->stepping};

    json_text(machine, "brand", m->cpu.brand);
    json_text(machine, "architecture", m->architecture);
    for (size_t i = 0; i < 3; i++)
        json_number(machine, names[i], values[i] < 0 ? NAN : values[i]);
    json_text(machine, "midr", m->midr);
    json_text(machine, "microcode", m->microcode);
}

cJSON *json_machine(const struct machine *m)
{
    cJSON *machine = cJSON_CreateObject();

    add_signature(machine, m);
    add_clusters(machine, m->cpu.clusters);
    json_positive(machine, "cores", (double)m->cores);
    json_positive(machine, "threads_per_core", (double)m->threads_per_core);
    json_positive(machine, "sockets", (double)m->sockets);
    json_positive(machine, "l1d_bytes", (double)m->cpu.l1d_size);
    json_positive(machine, "l2_bytes", (double)m->cpu.l2_size);
    json_positive(machine, "l3_bytes", (double)m->cpu.l3_size);
    json_positive(machine, "memory_bytes", m->memory_bytes);
    json_text(machine, "huge_pages", m->huge_pages);
    json_text(machine, "kernel", m->kernel);
    json_text(machine, "governor", m->governor);
    if (m->turbo >= 0)
        cJSON_AddBoolToObject(machine, "turbo", m->turbo);
    else
        cJSON_AddNullToObject(machine, "turbo");
    json_text(machine, "virtualisation", m->virtualisation);
    json_text(machine, "emulation", m->emulation);
    return machine;
}
