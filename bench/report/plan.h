/* SPDX-License-Identifier: MIT */
/* plan.h - which items a run has, the same in the parent and in every child. */
#ifndef HEED_BENCH_REPORT_PLAN_H
#define HEED_BENCH_REPORT_PLAN_H

#include "item.h"
#include "settings.h"

/* The items of one process. */
struct plan {
    struct setting setting;
    struct item *items;
    size_t count, capacity;
};

/* Names that --workloads and --types take besides or instead of those in the tables. */
const char *plan_workload_name(size_t index); /* NULL past the end */
const char *plan_type_name(size_t index);
const char *plan_isa_name(size_t index);

/* Instruction sets from narrow to wide; NULL past the end. */
const heed_isa *plan_isa(size_t index);
/* Processes, narrow instruction sets first, on each kind of cores.  False: past the end. */
bool plan_setting(const struct settings *settings, size_t process, struct setting *setting);
bool plan_make(struct plan *plan, const struct settings *settings, const struct setting *setting);
void plan_free(struct plan *plan);

/* A new item with the setting in its id: "<operation>/<dtype>/<name>/<isa>/t<threads>[/c<kind>]".
 */
struct item *plan_add(struct plan *plan, const char *operation, const char *dtype,
                      const char *name);
/* What the item is held against. */
void plan_name_ceiling(struct item *item, const struct setting *setting, const char *what,
                       const char *dtype);
void plan_add_ceilings(struct plan *plan);
/* Those that cases of attention ask for, which are there already. */
void plan_add_ceilings_of_types(struct plan *plan);
/* Of "l1", "l2", "l3" or "memory": bytes to read there; 0: there is no such cache. */
size_t ceiling_level_bytes(const char *level, size_t threads);
void plan_add_attention(struct plan *plan, const struct settings *settings);
void plan_add_primitives(struct plan *plan, const struct settings *settings);
void plan_add_peers(struct plan *plan, const struct settings *settings); /* one file or another */

/* Of the peer in plan_add_peers(); "" without one. */
void peer_version(char *text, size_t size);

/* A hash of everything in the plans but instruction sets: results of one suite compare. */
uint32_t plan_hash(const struct plan *plan, uint32_t hash);

#endif
