/* SPDX-License-Identifier: MIT */
/* plan_ceilings.c - which ceilings a run measures. */
#include <string.h>

#include "../buffers.h"
#include "plan.h"
#include "suite.h"

static struct item *add(struct plan *plan, const char *what, heed_dtype type, const char *pages,
                        enum work rate_of)
{
    struct item *item = plan_add(plan, what, suite_dtype_name(type), "");

    item->type = type;
    item->kind = &ceiling_kind;
    item->ceiling = true;
    item->rate_of = rate_of;
    item->pages = pages;
    /* The roof on huge pages, on which tensors mostly stand, has the plain id. */
    if (pages && strcmp(pages, "small") == 0)
        strncat(item->id, "/small", sizeof item->id - strlen(item->id) - 1);
    return item;
}

static const char *const levels[] = {"read_l1", "read_l2", "read_l3", "read_memory", "copy_memory"};

/* One page or two hold half an L1, so that their size says nothing there. */
static void add_memory(struct plan *plan)
{
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        const size_t bytes = ceiling_level_bytes(strchr(levels[i], '_') + 1, plan->setting.threads);
        const bool l1 = i == 0;

        if (bytes == 0)
            continue;
        if (!l1)
            add(plan, levels[i], HEED_F32, "huge", WORK_BYTES)->length = bytes;
        add(plan, levels[i], HEED_F32, l1 ? NULL : "small", WORK_BYTES)->length = bytes;
    }
}

static bool is_asked_for(const struct plan *plan, const struct item *ceiling)
{
    for (size_t i = 0; i < plan->count; i++)
        if (strcmp(plan->items[i].ceiling_id, ceiling->id) == 0)
            return true;
    return false;
}

/*
 * Reads of shorter numbers, which are widened, where cases are held against them, and from L1.
 * They stand on huge pages, or on what the system gives; on small ones where tensors do.
 */
static void add_reads(struct plan *plan, heed_dtype type)
{
    const char *pages = buffers_memory() == MEMORY_MALLOC ? "small" : NULL;

    for (size_t i = 0; strncmp(levels[i], "read", 4) == 0; i++) {
        const size_t bytes = ceiling_level_bytes(strchr(levels[i], '_') + 1, plan->setting.threads);

        if (bytes == 0)
            continue;
        struct item *item = add(plan, levels[i], type, i > 0 ? pages : NULL, WORK_BYTES);

        item->length = bytes;
        plan->count -= i > 0 && !is_asked_for(plan, item);
    }
}

void plan_add_ceilings(struct plan *plan)
{
    const heed_isa *isa = plan->setting.isa;

    add(plan, "fma", HEED_F32, NULL, WORK_FLOP);
    if (ceiling_unit_find(heed_isa_name(isa))->matrix && heed_isa_bf16(isa))
        add(plan, "matrix", HEED_BF16, NULL, WORK_FLOP);
    add(plan, "exp", HEED_F32, NULL, WORK_ELEMENTS);
    add_memory(plan);
}

static bool has_attention(const struct plan *plan, heed_dtype type)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->items[i].kind == &attention_kind && plan->items[i].type == type)
            return true;
    return false;
}

void plan_add_ceilings_of_types(struct plan *plan)
{
    for (int i = 0; i < CEILING_TYPES; i++) {
        const heed_dtype type = (heed_dtype)i;

        if (!has_attention(plan, type))
            continue;
        add(plan, "fma_loads", type, NULL, WORK_FLOP);
        if (type != HEED_F32)
            add_reads(plan, type);
    }
}
