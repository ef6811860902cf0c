/* SPDX-License-Identifier: MIT */
/* plan.c - the processes of a run, and the items of each. */
#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../buffers.h"
#include "../cases.h"
#include "suite.h"

static const char *const parts[] = {"sweeps", "operations"};

const char *plan_workload_name(size_t index)
{
    size_t named = 0;

    while (workload_at(named))
        named++;
    if (index < named)
        return workload_at(index)->name;
    return index - named < sizeof parts / sizeof parts[0] ? parts[index - named] : NULL;
}

const char *plan_type_name(size_t index)
{
    const struct suite_type *type = suite_type_at(index);

    return type ? type->name : NULL;
}

const heed_isa *plan_isa(size_t index)
{
    size_t count = 0;

    while (heed_isa_at(count))
        count++;
    return index < count ? heed_isa_at(count - 1 - index) : NULL;
}

const char *plan_isa_name(size_t index)
{
    const heed_isa *isa = plan_isa(index);

    return isa ? heed_isa_name(isa) : NULL;
}

/* On one kind of cores; steps `process` down by as many as there are otherwise. */
static bool setting_on(const struct settings *settings, size_t cpu, size_t most_threads,
                       size_t *process, struct setting *setting)
{
    const heed_isa *isa;

    for (size_t i = 0; (isa = plan_isa(i)) != NULL; i++) {
        if (!list_has(settings->isas, heed_isa_name(isa)) || isa_obstacle(isa))
            continue;
        for (size_t t = 0; t < settings->thread_counts; t++) {
            if (settings->threads[t] > most_threads || (*process)-- > 0)
                continue;
            *setting = (struct setting){.isa = isa, .threads = settings->threads[t], .cpu = cpu};
            return true;
        }
    }
    return false;
}

bool plan_setting(const struct settings *settings, size_t process, struct setting *setting)
{
    if (settings->core_kind_count == 0)
        return setting_on(settings, settings->cpu, SIZE_MAX, &process, setting);
    for (size_t i = 0; i < settings->core_kind_count; i++) {
        const struct core_kind *kind = &settings->core_kinds[i];

        if (!setting_on(settings, kind->cpu, kind->in_a_row, &process, setting))
            continue;
        setting->core_kind = i;
        snprintf(setting->suffix, sizeof setting->suffix, "/c%zu", i);
        return true;
    }
    return false;
}

void plan_name_ceiling(struct item *item, const struct setting *setting, const char *what,
                       const char *dtype)
{
    /* Half an L1 stands on a page or two, whatever their size. */
    const bool small = buffers_memory() == MEMORY_MALLOC && strncmp(what, "read_", 5) == 0 &&
                       strcmp(what, "read_l1") != 0;

    snprintf(item->ceiling_id, ID_SIZE, "%s/%s/%s/t%zu%s%s", what, dtype,
             heed_isa_name(setting->isa), setting->threads, setting->suffix, small ? "/small" : "");
}

struct item *plan_add(struct plan *plan, const char *operation, const char *dtype, const char *name)
{
    if (plan->count == plan->capacity) {
        plan->capacity = plan->capacity ? 2 * plan->capacity : 64;
        plan->items = realloc(plan->items, plan->capacity * sizeof *plan->items);
        if (!plan->items) {
            fprintf(stderr, "heed-bench: no memory\n");
            exit(1);
        }
    }
    struct item *item = &plan->items[plan->count++];

    *item = (struct item){.operation = operation, .dtype = dtype, .library = "heed"};
    snprintf(item->workload, sizeof item->workload, "%s", name);
    snprintf(item->id, sizeof item->id, "%s/%s%s%s/%s/t%zu%s", operation, dtype, *name ? "/" : "",
             name, heed_isa_name(plan->setting.isa), plan->setting.threads, plan->setting.suffix);
    return item;
}

static bool is_plain(const struct item *item)
{
    return item->kind == &attention_kind && item->type == HEED_F32 &&
           strcmp(item->operation, "attention") == 0;
}

static void add_twin(struct plan *plan, size_t index)
{
    const struct item original = plan->items[index];
    struct item *twin = plan_add(plan, original.operation, original.dtype, original.workload);

    *twin = original;
    snprintf(twin->repeat_of, ID_SIZE, "%s", original.id);
    snprintf(twin->id, ID_SIZE, "%.*s/again", ID_SIZE - 8, original.id);
}

/*
 * The A/A test: a short kernel, one of arithmetic and one of memory, or what there is,
 * each a second time under a name of its own, with queries, results and workspace of its own.
 */
static void add_twins(struct plan *plan)
{
    const size_t count = plan->count;

    for (size_t i = 0; i < count; i++)
        if (is_plain(&plan->items[i]) && list_has("small,bert,decode-4k", plan->items[i].workload))
            add_twin(plan, i);
    for (size_t i = 0; i < count && plan->count == count; i++)
        if (is_plain(&plan->items[i]))
            add_twin(plan, i);
}

/* Whatever HEED_ISA says. */
static const heed_isa *widest_isa(void)
{
    const heed_isa *isa, *widest = NULL;

    for (size_t i = 0; (isa = plan_isa(i)) != NULL; i++)
        widest = isa_obstacle(isa) ? widest : isa;
    return widest;
}

bool plan_make(struct plan *plan, const struct settings *settings, const struct setting *setting)
{
    *plan = (struct plan){.setting = *setting};
    plan_add_ceilings(plan);
    plan_add_attention(plan, settings);
    plan_add_ceilings_of_types(plan);
    if (suite_has_part(settings, "operations", setting->threads) &&
        list_has(settings->types, "f32"))
        plan_add_primitives(plan, settings);
    /* Peers take the widest instructions that they find: they stand beside ours. */
    if (setting->isa == widest_isa() && list_has(settings->types, "f32"))
        plan_add_peers(plan, settings);
    add_twins(plan);
    return plan->count > 0;
}

void plan_free(struct plan *plan)
{
    free(plan->items);
    *plan = (struct plan){.items = NULL};
}

/* FNV-1a (Fowler, Noll, Vo 1991). */
static uint32_t hash_text(uint32_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (uint32_t)(unsigned char)*text) * 16777619u;
    return hash;
}

uint32_t plan_hash(const struct plan *plan, uint32_t hash)
{
    char text[128];

    for (const struct item *i = plan->items; i < plan->items + plan->count; i++) {
        const struct workload *w = &i->shape;

        if (i->ceiling || strcmp(i->library, "heed") != 0)
            continue;
        snprintf(text, sizeof text, "%s %s %s %zu %zu %zu %zu %zu %zu %d %zu;", i->operation,
                 i->dtype, i->workload, w->batch, w->q_heads, w->kv_heads, w->q_rows, w->kv_rows,
                 w->dim, w->causal, plan->setting.threads);
        hash = hash_text(hash, text);
        if (workload_is_plain(w))
            continue;
        snprintf(text, sizeof text, "%s %zu;", workload_mask_name(w), w->window);
        hash = hash_text(hash, text);
    }
    return hash;
}
