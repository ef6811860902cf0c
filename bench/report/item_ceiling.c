/* SPDX-License-Identifier: MIT */
/* item_ceiling.c - what the CPU can do at most, timed among the cases. */
#define _POSIX_C_SOURCE 200809L /* sysconf */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "half.h"
#include "pages.h"
#include "plan.h"
#include "suite.h"

/* Touching small pages costs more than reading them: roofs of like size stand on the same. */
struct stand {
    float *pages;
    size_t users;
};

static struct stand caches[2], memories[2]; /* small, huge */

struct state {
    struct ceiling ceiling;
    struct stand *stand; /* or NULL */
};

static void call(void *state)
{
    ceiling_run(&((struct state *)state)->ceiling);
}

static float *share(struct stand *stand, size_t bytes, bool huge)
{
    if (!stand->pages)
        stand->pages = pages_new(bytes, huge);
    stand->users += stand->pages != NULL;
    return stand->pages;
}

static void close_state(void *state)
{
    struct stand *stand = ((struct state *)state)->stand;

    if (stand && --stand->users == 0) {
        pages_free(stand->pages);
        stand->pages = NULL;
    }
    free(state);
}

/*
 * Half of each thread's own cache and of the one they share, so that the rest of the
 * process does not push it out; four times the last cache for memory, but no more than
 * an eighth of it.  0: the cache is not there, or hidden behind the one before it.
 */
static size_t level_bytes(const char *level, size_t threads)
{
    const size_t mib = (size_t)1 << 20;
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    const double most = pages > 0 && page > 0 ? (double)pages * (double)page / 8 : 64.0 * 0x1p20;
    heed_cpu_info cpu;

    heed_cpu(&cpu, sizeof cpu);
    if (strcmp(level, "l1") == 0)
        return threads * cpu.l1d_size / 2;
    if (strcmp(level, "l2") == 0)
        return threads * cpu.l2_size / 2;
    if (strcmp(level, "l3") == 0)
        return cpu.l3_size / 2 > 2 * threads * cpu.l2_size ? cpu.l3_size / 2 : 0;
    const size_t wanted = 4 * cpu.l3_size > 64 * mib ? 4 * cpu.l3_size : 64 * mib;

    return (double)wanted < most ? wanted : (size_t)most;
}

static float *stand_on(struct state *s, const struct item *item, size_t threads, bool huge)
{
    const size_t l2 = level_bytes("l2", threads), l3 = level_bytes("l3", threads);
    const bool memory = strstr(item->operation, "memory") != NULL;
    struct stand *stand = memory ? &memories[huge] : &caches[huge];
    float *pages = share(stand, memory ? item->length : l2 > l3 ? l2 : l3, huge);

    s->stand = pages ? stand : NULL;
    return pages;
}

/* A copy goes from one half of the pages to the other. */
static void open_memory(struct state *s, const struct item *item, const struct setting *setting,
                        const struct ceiling_unit *unit, struct verdict *verdict)
{
    const size_t floats = item->length / sizeof(float);
    const bool small = item->pages && strcmp(item->pages, "small") == 0;
    float *pages = stand_on(s, item, setting->threads, !small);

    if (!pages && !item->pages)
        pages = stand_on(s, item, setting->threads, false);
    verdict->right = pages != NULL;
    verdict->absent = !pages;
    if (!pages)
        snprintf(verdict->why, sizeof verdict->why, "the system gave no %s pages",
                 small ? "small" : "huge");
    else if (strcmp(item->operation, "copy_memory") == 0)
        s->ceiling = ceiling_copy(unit, setting->parallel, pages + floats / 2, pages, floats / 2);
    else
        s->ceiling = ceiling_read(unit, setting->parallel, item->type, pages,
                                  item->length / dtype_size(item->type));
}

static void open(struct item *item, const struct setting *setting, struct verdict *verdict)
{
    const struct ceiling_unit *unit = ceiling_unit_find(heed_isa_name(setting->isa));
    struct state *s = item->state = calloc(1, sizeof *s);

    if (!s) {
        snprintf(verdict->why, sizeof verdict->why, "no memory");
        return;
    }
    verdict->right = item->length == 0;
    if (strcmp(item->operation, "fma") == 0)
        s->ceiling = ceiling_fma(unit, setting->parallel);
    else if (strcmp(item->operation, "fma_loads") == 0)
        s->ceiling = ceiling_fma_loads(unit, setting->parallel, item->type);
    else if (strcmp(item->operation, "matrix") == 0)
        s->ceiling = ceiling_matrix(unit, setting->parallel);
    else if (strcmp(item->operation, "exp") == 0)
        s->ceiling = ceiling_exp(unit, setting->parallel);
    else
        open_memory(s, item, setting, unit, verdict);
    if (!verdict->right)
        return;
    ceiling_lengthen(&s->ceiling, 1e-3);
    item->work[item->rate_of] = s->ceiling.work;
}

const struct item_kind ceiling_kind = {open, call, NULL, close_state};

static struct item *add(struct plan *plan, const char *what, heed_dtype type, const char *pages,
                        enum work rate_of)
{
    struct item *item = plan_add(plan, what, suite_dtype_name(type), "");

    item->type = type;
    item->kind = &ceiling_kind;
    item->ceiling = true;
    item->rate_of = rate_of;
    item->pages = pages;
    /* Ids of cases name the roof on huge pages, on which their own memory stands, plainly. */
    if (pages && strcmp(pages, "small") == 0)
        strncat(item->id, "/small", sizeof item->id - strlen(item->id) - 1);
    return item;
}

static const char *const levels[] = {"read_l1", "read_l2", "read_l3", "read_memory", "copy_memory"};

/* One page or two hold half an L1, so that their size says nothing there. */
static void add_memory(struct plan *plan)
{
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        const size_t bytes = level_bytes(strchr(levels[i], '_') + 1, plan->setting.threads);
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
 * They stand on huge pages, or on what the system gives.
 */
static void add_reads(struct plan *plan, heed_dtype type)
{
    for (size_t i = 0; strncmp(levels[i], "read", 4) == 0; i++) {
        const size_t bytes = level_bytes(strchr(levels[i], '_') + 1, plan->setting.threads);

        if (bytes == 0)
            continue;
        struct item *item = add(plan, levels[i], type, NULL, WORK_BYTES);

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

void plan_add_ceilings_of_types(struct plan *plan, const struct settings *settings)
{
    for (int i = 0; i < CEILING_TYPES; i++) {
        const heed_dtype type = (heed_dtype)i;

        if (!suite_has_dtype(settings, type))
            continue;
        add(plan, "fma_loads", type, NULL, WORK_FLOP);
        if (type != HEED_F32)
            add_reads(plan, type);
    }
}
