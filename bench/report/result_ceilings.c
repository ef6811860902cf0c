/* SPDX-License-Identifier: MIT */
/* result_ceilings.c - measured roofs, each beside its theory. */
#include <stdio.h>
#include <stdlib.h>

#include "result_json.h"
#include "theory.h"

/* Rates of the rounds, those that count, and their clock. */
struct rates {
    double *all, *kept, *clocks;
    size_t count;
};

static struct rates rates_of(const struct series *series)
{
    const bool every = series_kept(series) == 0;
    double *memory = malloc((3 * series->count + 1) * sizeof *memory);

    if (!memory)
        exit(1);
    struct rates r = {memory, memory + series->count, memory + 2 * series->count, 0};

    for (size_t i = 0; i < series->count; i++) {
        const struct round *round = &series->rounds[i];

        r.all[i] = series->work / round->seconds;
        if (!every && round->marks != 0)
            continue;
        r.kept[r.count] = r.all[i];
        r.clocks[r.count++] = (round->clock_before + round->clock_after) / 2;
    }
    return r;
}

static void add_theory(cJSON *object, const struct run *run, const struct item *item,
                       const struct setting *setting, double rate, double clock)
{
    char formula[80], text[128];
    const double theory =
        clock * theory_per_cycle(&run->machine, item, setting, formula, sizeof formula);

    snprintf(text, sizeof text, "%s x %.2f GHz measured", formula, 1e-9 * clock);
    json_positive(object, "theory", theory);
    json_text(object, "theory_is", theory > 0 ? text : NULL);
    cJSON_AddBoolToObject(object, "above_theory", theory > 0 && rate > 1.02 * theory);
}

cJSON *json_ceiling(const struct run *run, const struct process *process, size_t index)
{
    const struct item *item = &process->plan.items[index];
    const struct series *series = &process->series[index];
    const char *const units[WORKS] = {"flop/s", "byte/s", "element/s"};
    struct rates r = rates_of(series);
    const struct summary summary = summarise(r.kept, r.count, run->settings.seed);
    cJSON *object = cJSON_CreateObject();

    json_text(object, "id", item->id);
    json_text(object, "what", item->operation);
    json_text(object, "dtype", item->dtype);
    json_text(object, "isa", heed_isa_name(process->plan.setting.isa));
    json_number(object, "threads", (double)process->plan.setting.threads);
    json_text(object, "pages", item->pages);
    json_text(object, "unit", units[item->rate_of]);
    json_positive(object, "size_bytes", (double)item->length);
    cJSON_AddItemToObject(object, "samples", cJSON_CreateDoubleArray(r.all, (int)series->count));
    cJSON *kept = cJSON_AddArrayToObject(object, "kept");

    for (size_t i = 0; i < series->count; i++)
        cJSON_AddItemToArray(kept, cJSON_CreateBool(series->rounds[i].marks == 0));
    json_summary(object, "", &summary);
    add_theory(object, run, item, &process->plan.setting, summary.median,
               median_of(r.clocks, r.count));
    free(r.all);
    return object;
}
