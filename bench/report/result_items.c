/* SPDX-License-Identifier: MIT */
/* result_items.c - cases, and what was left out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cases.h"
#include "marks.h"
#include "result_json.h"

static const char *const work_names[WORKS] = {"flop", "bytes", "elements"};

static cJSON *json_marks(unsigned marks)
{
    cJSON *names = cJSON_CreateArray();

    for (size_t bit = 0; bit < MARKS; bit++)
        if (marks >> bit & 1)
            cJSON_AddItemToArray(names, cJSON_CreateString(mark_names[bit]));
    return names;
}

static cJSON *json_round(const struct round *r)
{
    cJSON *round = cJSON_CreateObject();

    json_number(round, "seconds", r->seconds);
    json_number(round, "calls", r->calls);
    json_number(round, "order", r->order);
    json_number(round, "process", r->process);
    json_number(round, "clock_before", r->clock_before);
    json_number(round, "clock_after", r->clock_after);
    json_number(round, "ceiling", r->ceiling);
    cJSON_AddItemToObject(round, "marks", json_marks(r->marks));
    return round;
}

static void add_shape(cJSON *object, const struct item *item)
{
    const struct workload *w = &item->shape;
    const char *const names[] = {"batch", "q_heads", "kv_heads", "q_rows", "kv_rows", "dim"};
    const size_t sizes[] = {w->batch, w->q_heads, w->kv_heads, w->q_rows, w->kv_rows, w->dim};

    if (w->dim == 0) {
        cJSON_AddNullToObject(object, "shape");
        return;
    }
    cJSON *shape = cJSON_AddObjectToObject(object, "shape");

    for (size_t i = 0; i < 6; i++)
        json_number(shape, names[i], (double)sizes[i]);
    cJSON_AddBoolToObject(shape, "causal", w->causal);
    json_text(shape, "mask", w->mask == NO_MASK ? NULL : workload_mask_name(w));
    json_positive(shape, "window", (double)w->window);
}

/* Of the item: what it is. */
static void add_identity(cJSON *object, const struct item *item, const struct setting *setting)
{
    char version[64];

    json_text(object, "id", item->id);
    json_text(object, "operation", item->operation);
    json_text(object, "dtype", item->dtype);
    json_text(object, "workload", item->workload);
    json_text(object, "isa", heed_isa_name(setting->isa));
    json_text(object, "library", item->library);
    if (strcmp(item->library, "heed") == 0)
        snprintf(version, sizeof version, "%s", heed_version_string());
    else
        peer_version(version, sizeof version);
    json_text(object, "library_version", version);
    json_number(object, "threads", (double)setting->threads);
    json_text(object, "core_kind", *setting->suffix ? setting->suffix + 1 : NULL);
    add_shape(object, item);
    for (size_t i = 0; i < WORKS; i++)
        json_positive(object, work_names[i], item->work[i]);
    json_text(object, "rate_of", work_names[item->rate_of]);
}

/* The roof on huge pages, or where the system grants none, on small ones. */
static void add_ceiling_id(cJSON *object, const struct run *run, const struct item *item)
{
    const struct series *series;
    char small[ID_SIZE];

    snprintf(small, sizeof small, "%.*s/small", ID_SIZE - 8, item->ceiling_id);
    json_text(object, "ceiling_id",
              run_find(run, item->ceiling_id, &series) ? item->ceiling_id
              : run_find(run, small, &series)          ? small
                                                       : NULL);
}

cJSON *json_case(const struct run *run, const struct process *process, size_t index)
{
    const struct item *item = &process->plan.items[index];
    const struct series *series = &process->series[index];
    const struct summary summary = series_seconds(series, run->settings.seed);
    const double work = item->work[item->rate_of];
    const struct series *repeated; /* the time may have been up before the first of two */
    cJSON *object = cJSON_CreateObject();

    add_identity(object, item, &process->plan.setting);
    cJSON *rounds = cJSON_AddArrayToObject(object, "rounds");

    for (size_t i = 0; i < series->count; i++)
        cJSON_AddItemToArray(rounds, json_round(&series->rounds[i]));
    json_summary(object, "_seconds", &summary);
    json_number(object, "kept", (double)series_kept(series));
    json_number(object, "rate", work / summary.median);
    add_ceiling_id(object, run, item);
    json_number(object, "of_ceiling", series_of_ceiling(series, work));
    json_number(object, "max_error", series->max_error);
    json_number(object, "error_bound", series->error_bound);
    json_text(object, "repeat_of",
              run_find(run, item->repeat_of, &repeated) ? item->repeat_of : NULL);
    return object;
}

static void add_skipped(cJSON *list, const char *id, const char *reason)
{
    cJSON *entry = cJSON_CreateObject();

    json_text(entry, "id", id);
    json_text(entry, "reason", reason);
    cJSON_AddItemToArray(list, entry);
}

static const char *reason_of(const struct process *process, const struct series *series)
{
    if (series->judged && !series->right)
        return series->why;
    return *process->why ? process->why : "the time was up before its first round";
}

cJSON *json_skipped(const struct run *run)
{
    cJSON *list = cJSON_CreateArray();
    const heed_isa *isa;
    char id[64];

    for (size_t i = 0; (isa = plan_isa(i)) != NULL; i++) {
        const char *obstacle = isa_obstacle(isa);

        snprintf(id, sizeof id, "*/%s", heed_isa_name(isa));
        if (obstacle && list_has(run->settings.isas, heed_isa_name(isa)))
            add_skipped(list, id, obstacle);
    }
    for (size_t p = 0; p < run->count; p++)
        for (size_t i = 0; i < run->processes[p].plan.count; i++) {
            const struct series *series = &run->processes[p].series[i];

            if (series->count == 0 && !(*run->machine.emulation && series->right))
                add_skipped(list, run->processes[p].plan.items[i].id,
                            reason_of(&run->processes[p], series));
        }
    return list;
}
