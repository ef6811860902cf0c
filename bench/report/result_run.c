/* SPDX-License-Identifier: MIT */
/* result_run.c - how good a run is, what it was asked for, and which cores it was on. */
#include <stdio.h>
#include <string.h>

#include "result_json.h"

cJSON *json_quality(const struct quality *q)
{
    cJSON *quality = cJSON_CreateObject();
    const char grade[2] = {q->grade, '\0'};

    json_text(quality, "grade", grade);
    cJSON *reasons = cJSON_AddArrayToObject(quality, "reasons");

    for (size_t i = 0; i < q->reason_count; i++)
        cJSON_AddItemToArray(reasons, cJSON_CreateString(q->reasons[i]));
    json_number(quality, "resolution", q->resolution);
    cJSON *commands = cJSON_AddArrayToObject(quality, "commands");

    for (size_t i = 0; i < q->command_count; i++)
        cJSON_AddItemToArray(commands, cJSON_CreateString(q->commands[i]));
    return quality;
}

/* Without directories, which are nobody's business who reads the result. */
cJSON *json_options(const struct settings *s)
{
    cJSON *options = cJSON_CreateArray();

    for (int i = 1; i < s->argc; i++) {
        const char *path = strncmp(s->argv[i], "--report", 8) == 0  ? s->argv[i] + 8
                           : strncmp(s->argv[i], "--sysfs", 7) == 0 ? s->argv[i] + 7
                                                                    : NULL;

        if (path)
            i += *path == '\0';
        else
            cJSON_AddItemToArray(options, cJSON_CreateString(s->argv[i]));
    }
    return options;
}

cJSON *json_core_kinds(const struct settings *s)
{
    cJSON *kinds = cJSON_CreateArray();
    char name[8];

    for (size_t i = 0; i < s->core_kind_count; i++) {
        const struct core_kind *k = &s->core_kinds[i];
        cJSON *kind = cJSON_CreateObject();

        snprintf(name, sizeof name, "c%zu", i);
        json_text(kind, "name", name);
        json_number(kind, "cpu", (double)k->cpu);
        json_number(kind, "cpus", (double)k->cpus);
        json_positive(kind, "capacity", (double)k->capacity);
        json_positive(kind, "max_hertz", 1e3 * (double)k->max_khz);
        json_text(kind, "midr", k->midr);
        cJSON_AddItemToArray(kinds, kind);
    }
    return kinds;
}
