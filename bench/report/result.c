/* SPDX-License-Identifier: MIT */
/* result.c - the whole of result.json, written beside and renamed. */
#define _POSIX_C_SOURCE 200809L /* mkdir, fsync */
#include "result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../buffers.h"
#include "result_json.h"

enum { PATH_SIZE = 4096 };

static bool path_of(char path[PATH_SIZE], const char *directory, const char *name)
{
    const int length = snprintf(path, PATH_SIZE, "%s/%s", directory, name);

    if (length > 0 && length < PATH_SIZE)
        return true;
    fprintf(stderr, "heed-bench: the name of the directory is too long\n");
    return false;
}

static bool complain(const char *path)
{
    fprintf(stderr, "heed-bench: cannot write %s: %s\n", path, strerror(errno));
    return false;
}

bool result_prepare(const char *directory)
{
    char path[PATH_SIZE];

    if (!path_of(path, directory, "result.json.tmp"))
        return false;
    if (mkdir(directory, 0777) != 0 && errno != EEXIST)
        return complain(directory);
    FILE *file = fopen(path, "w");

    if (!file)
        return complain(path);
    fclose(file);
    remove(path);
    return true;
}

static cJSON *json_convention(void)
{
    cJSON *convention = cJSON_CreateObject();

    json_text(
        convention, "flop",
        "4 x batch x q_heads x q_rows x kv_rows x dim, halved for causal square problems; of a "
        "window the pairs that are seen");
    json_text(convention, "rates", "1e9 per second");
    json_text(convention, "sizes", "KiB = 1024 bytes");
    return convention;
}

static void add_suite(cJSON *root, const struct run *run)
{
    const struct settings *s = &run->settings;
    const char *suite = s->custom ? "custom" : suite_names[s->suite];
    char text[40];
    uint32_t hash = 2166136261u;

    for (size_t p = 0; p < run->count; p++)
        if (run->processes[p].plan.setting.isa == run->processes[0].plan.setting.isa &&
            run->processes[p].plan.setting.core_kind == 0)
            hash = plan_hash(&run->processes[p].plan, hash);
    snprintf(text, sizeof text, "%s-%08lx", suite, (unsigned long)hash);
    json_text(root, "suite", suite);
    json_text(root, "suite_id", text);
}

static void add_head(cJSON *root, const struct run *run, const struct quality *quality)
{
    char created[32] = "";

    strftime(created, sizeof created, "%Y-%m-%dT%H:%M:%SZ", gmtime(&run->created));
    json_text(root, "schema", "heed-bench");
    json_number(root, "schema_version", 1);
    json_text(root, "created", created);
    add_suite(root, run);
    cJSON_AddBoolToObject(root, "complete", run->complete);
    json_number(root, "seed", (double)run->settings.seed);
    json_number(root, "duration_s", run->duration_s);
    cJSON_AddItemToObject(root, "options", json_options(&run->settings));
    json_number(root, "cpu", (double)run->settings.cpu);
    json_text(root, "memory", memory_name(buffers_memory()));
    cJSON_AddItemToObject(root, "core_kinds", json_core_kinds(&run->settings));
    cJSON_AddItemToObject(root, "library", json_library());
    cJSON_AddItemToObject(root, "machine", json_machine(&run->machine));
    cJSON_AddItemToObject(root, "convention", json_convention());
    cJSON_AddItemToObject(root, "quality", json_quality(quality));
}

static void add_items(cJSON *root, const struct run *run)
{
    cJSON *ceilings = cJSON_AddArrayToObject(root, "ceilings");
    cJSON *cases = cJSON_AddArrayToObject(root, "cases");

    for (size_t p = 0; p < run->count; p++) {
        const struct process *process = &run->processes[p];

        for (size_t i = 0; i < process->plan.count; i++) {
            const bool hidden = *run->machine.emulation && process->series[i].right;

            if (process->series[i].count == 0 && !hidden)
                continue;
            if (!process->plan.items[i].ceiling)
                cJSON_AddItemToArray(cases, json_case(run, process, i));
            else if (!hidden)
                cJSON_AddItemToArray(ceilings, json_ceiling(run, process, i));
        }
    }
    cJSON_AddItemToObject(root, "skipped", json_skipped(run));
}

static bool write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    if (!file)
        return complain(path);
    const bool written = fputs(text, file) >= 0 && fputc('\n', file) != EOF && fflush(file) == 0 &&
                         fsync(fileno(file)) == 0;

    return (fclose(file) == 0 && written) || complain(path);
}

bool result_write(const struct run *run, const struct quality *quality)
{
    char path[PATH_SIZE], beside[PATH_SIZE];
    cJSON *root = cJSON_CreateObject();

    if (!path_of(path, run->settings.directory, "result.json") ||
        !path_of(beside, run->settings.directory, "result.json.tmp"))
        return false;
    add_head(root, run, quality);
    add_items(root, run);
    char *text = cJSON_Print(root);

    cJSON_Delete(root);
    if (!text) {
        fprintf(stderr, "heed-bench: no memory for the result\n");
        return false;
    }
    const bool written = write_file(beside, text) && (rename(beside, path) == 0 || complain(path));

    cJSON_free(text);
    return written;
}
