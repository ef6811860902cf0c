/* SPDX-License-Identifier: MIT */
/* item_attention.c - attention on the named workloads and along the sweeps. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../problem_ceilings.h"
#include "half.h"
#include "plan.h"
#include "suite.h"

struct state {
    struct problem problem;
    struct ceiling beside;
};

static void call(void *state)
{
    (void)heed_attention(&((struct state *)state)->problem.args);
}

static struct ceiling *beside(void *state)
{
    struct ceiling *beside = &((struct state *)state)->beside;

    return beside->share ? beside : NULL;
}

static void close_state(void *state)
{
    problem_close(&((struct state *)state)->problem);
    free(state);
}

static void check(struct problem *p, struct verdict *verdict)
{
    const heed_status status = heed_attention(&p->args);

    if (status != HEED_OK)
        snprintf(verdict->why, sizeof verdict->why, "heed_attention: %s",
                 heed_status_string(status));
    else
        verdict->right = problem_check(p, &verdict->max_error, &verdict->error_bound, verdict->why,
                                       sizeof verdict->why);
}

/* Decodes are held against a read of the same numbers, the others against arithmetic. */
static void open(struct item *item, const struct setting *setting, struct verdict *verdict)
{
    struct state *s = item->state = calloc(1, sizeof *s);

    if (!s) {
        snprintf(verdict->why, sizeof verdict->why, "no memory");
        return;
    }
    problem_open(&s->problem, &item->shape, item->type);
    if (item->q_type != HEED_F32)
        problem_round_queries(&s->problem, item->q_type);
    const heed_status status =
        problem_use(&s->problem, setting->isa, setting->parallel, item->packed);

    s->beside = item->rate_of == WORK_BYTES
                    ? problem_read(&s->problem, setting->isa, setting->parallel)
                    : problem_peak(&s->problem, setting->isa, setting->parallel);
    if (status != HEED_OK)
        snprintf(verdict->why, sizeof verdict->why, "%s", heed_status_string(status));
    else
        check(&s->problem, verdict);
}

const struct item_kind attention_kind = {open, call, beside, close_state};

/* Results are f32 whatever the other types; numbers of 8 bits have a scale for each row. */
static double unique_bytes(const struct workload *w, const struct suite_type *type)
{
    const double q = (double)(w->batch * w->q_heads * w->q_rows * w->dim);
    const double rows = 2.0 * (double)(w->batch * w->kv_heads * w->kv_rows);
    const size_t size = dtype_size(type->type);

    return (double)(dtype_size(type->q_type) + sizeof(float)) * q +
           rows * (double)(w->dim * size + (size == 1 ? sizeof(float) : 0)) +
           workload_mask_bytes(w);
}

/* Roofs of caches are read from half of them: what takes more stands under the next. */
static const char *read_of(double bytes)
{
    heed_cpu_info cpu;

    heed_cpu(&cpu, sizeof cpu);
    if (bytes <= (double)cpu.l1d_size / 2)
        return "read_l1";
    if (bytes <= (double)cpu.l2_size / 2)
        return "read_l2";
    return bytes <= (double)cpu.l3_size / 2 ? "read_l3" : "read_memory";
}

/* What the plan's instruction set does its products with, and what it reads. */
static void name_ceiling(struct item *item, const struct setting *setting)
{
    const bool on_unit = problem_on_unit(
        &(struct problem){.type = item->type, .q_type = item->q_type}, setting->isa);
    const bool reads = item->rate_of == WORK_BYTES;
    const char *what = reads ? read_of(item->work[WORK_BYTES]) : on_unit ? "matrix" : "fma";

    plan_name_ceiling(item, setting, what,
                      reads ? (on_unit ? "f32" : suite_dtype_name(item->type))
                            : (on_unit ? "bf16" : "f32"));
}

static struct item *add(struct plan *plan, const char *operation, const char *name,
                        const struct workload *w, const struct suite_type *type)
{
    struct item *item = plan_add(plan, operation, type->name, name);
    item->kind = &attention_kind;
    item->shape = *w;
    item->type = type->type;
    item->q_type = type->q_type;
    item->numbers = workload_numbers(w);
    item->work[WORK_FLOP] = workload_flop(w);
    item->work[WORK_BYTES] = unique_bytes(w, type);
    item->rate_of = w->q_rows == 1 ? WORK_BYTES : WORK_FLOP;
    name_ceiling(item, &plan->setting);
    return item;
}

/* One head shows the kernels bare; rows between decode and prefill show where cliffs stand. */
static void add_sweeps(struct plan *plan, enum suite suite)
{
    static const struct suite_type f32 = {"f32", HEED_F32, HEED_F32};
    struct workload prefill = {.batch = 1, .q_heads = 1, .kv_heads = 1, .dim = 64};
    struct workload rows = {
        .batch = 1, .q_heads = 32, .kv_heads = 8, .kv_rows = 4096, .dim = 128, .causal = true};
    char name[24];

    for (size_t i = 0; (rows.q_rows = suite_rows(suite, i)) != 0; i++) {
        snprintf(name, sizeof name, "%zu", rows.q_rows);
        add(plan, "sweep_rows", name, &rows, &f32);
    }
    for (size_t i = 0; (prefill.q_rows = suite_prefill(suite, i)) != 0; i++) {
        prefill.kv_rows = prefill.q_rows;
        snprintf(name, sizeof name, "%zu", prefill.q_rows);
        add(plan, "sweep_prefill", name, &prefill, &f32);
    }
}

void plan_add_attention(struct plan *plan, const struct settings *settings)
{
    const struct workload *w;
    const struct suite_type *type;

    for (size_t t = 0; (type = suite_type_at(t)) != NULL; t++)
        for (size_t i = 0; (w = workload_at(i)) != NULL; i++)
            if (list_has(settings->types, type->name) &&
                suite_has_workload(settings, w->name, type->type))
                add(plan, "attention", w->name, w, type);
    if (!list_has(settings->types, "f32"))
        return;
    for (size_t i = 0; (w = workload_at(i)) != NULL; i++)
        if (suite_has_more(settings, w))
            add(plan, "attention_packed", w->name, w, suite_type_at(0))->packed = true;
    if (suite_has_part(settings, "sweeps", plan->setting.threads))
        add_sweeps(plan, settings->suite);
}
