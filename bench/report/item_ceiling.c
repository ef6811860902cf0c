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
size_t ceiling_level_bytes(const char *level, size_t threads)
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
    const size_t l2 = ceiling_level_bytes("l2", threads), l3 = ceiling_level_bytes("l3", threads);
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
