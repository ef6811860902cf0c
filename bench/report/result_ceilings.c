/* SPDX-License-Identifier: MIT */
/* result_ceilings.c - measured roofs, each beside its theory. */
#include "result_json.h"
#include "roof.h"

cJSON *json_ceiling(const struct run *run, const struct process *process, size_t index)
{
    const struct item *item = &process->plan.items[index];
    const struct series *series = &process->series[index];
    const char *const units[WORKS] = {"flop/s", "byte/s", "element/s"};
    const struct roof roof = roof_of(run, process, index);
    cJSON *object = cJSON_CreateObject();

    json_text(object, "id", item->id);
    json_text(object, "what", item->operation);
    json_text(object, "dtype", item->dtype);
    json_text(object, "isa", heed_isa_name(process->plan.setting.isa));
    json_number(object, "threads", (double)process->plan.setting.threads);
    json_text(object, "core_kind",
              *process->plan.setting.suffix ? process->plan.setting.suffix + 1 : NULL);
    json_text(object, "pages", item->pages);
    json_text(object, "unit", units[item->rate_of]);
    json_positive(object, "size_bytes", (double)item->length);
    cJSON *samples = cJSON_AddArrayToObject(object, "samples");
    cJSON *kept = cJSON_AddArrayToObject(object, "kept");

    for (size_t i = 0; i < series->count; i++) {
        const struct round *round = &series->rounds[i];

        cJSON_AddItemToArray(samples, cJSON_CreateNumber(series->work / round->seconds));
        cJSON_AddItemToArray(kept, cJSON_CreateBool(round->marks == 0));
    }
    json_summary(object, "", &roof.rate);
    json_positive(object, "theory", roof.theory);
    json_text(object, "theory_is", roof.formula);
    cJSON_AddBoolToObject(object, "above_theory", roof.above);
    return object;
}
