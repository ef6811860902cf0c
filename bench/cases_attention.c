/* SPDX-License-Identifier: MIT */
/* cases_attention.c - the named workloads and the sweeps, on every instruction set. */
#include <stdio.h>

#include "cases.h"
#include "ceilings/ceilings.h"
#include "half.h"
#include "problem.h"
#include "problem_ceilings.h"

struct attention_case {
    struct workload workload;
    const heed_isa *isa;
    heed_parallel parallel;
    heed_dtype type, q_type; /* of K and V, and of queries */
    bool packed, checked;
    double max_error;
};

static void call_attention(void *args)
{
    (void)heed_attention(args);
}

/* Once per case: Google Benchmark runs each several times. */
static bool is_right(struct gbench *bench, struct attention_case *c, const struct problem *p)
{
    double bound;
    char why[120];

    if (c->checked)
        return true;
    const heed_status status = heed_attention(&p->args);

    if (status != HEED_OK)
        snprintf(why, sizeof why, "heed_attention: %s", heed_status_string(status));
    else
        c->checked = problem_check(p, &c->max_error, &bound, why, sizeof why);
    if (!c->checked)
        gbench_fail(bench, why);
    return c->checked;
}

/*
 * The ceilings are measured right before the case that is held against them, not
 * once at the start: the clock of a busy machine moves by several per cent within
 * a minute, and with it both.
 */
static void time_attention(struct gbench *bench, struct attention_case *c, struct problem *p)
{
    const bool decode = c->workload.q_rows == 1;
    const struct ceiling roof = problem_peak(p, c->isa, c->parallel);
    const double peak = roof.share ? ceiling_rate(roof) : 0;
    const double read = decode ? ceiling_rate(problem_read(p, c->isa, c->parallel)) : 0;
    const double seconds = gbench_time(bench, call_attention, &p->args);
    const double flops = workload_flop(&c->workload) / seconds;

    gbench_counter(bench, "GFLOP/s", flops * 1e-9);
    if (peak > 0)
        gbench_counter(bench, "of_peak", flops / peak);
    gbench_counter(bench, "max_err", c->max_error);
    if (decode) {
        const double bytes = (double)(p->kv_count * dtype_size(c->type)) / seconds;

        gbench_counter(bench, "GB/s", bytes * 1e-9);
        gbench_counter(bench, "of_read", bytes / read);
    }
}

static void run_attention(struct gbench *bench, void *argument)
{
    struct attention_case *c = argument;
    const char *obstacle = isa_obstacle(c->isa);
    struct problem p;

    if (obstacle) {
        gbench_skip(bench, obstacle);
        return;
    }
    problem_open(&p, &c->workload, c->type);
    if (c->q_type != HEED_F32)
        problem_round_queries(&p, c->q_type);
    const heed_status status = problem_use(&p, c->isa, c->parallel, c->packed);

    if (status != HEED_OK)
        gbench_fail(bench, heed_status_string(status));
    else if (is_right(bench, c, &p))
        time_attention(bench, c, &p);
    problem_close(&p);
}

static void add_case(const char *group, const char *name, struct attention_case c)
{
    char full_name[80];

    snprintf(full_name, sizeof full_name, "%s/%s/%s", group, name, heed_isa_name(c.isa));
    gbench_add(full_name, run_attention, &c, sizeof c);
}

static void add_workloads(const char *group, heed_dtype type, heed_dtype q_type,
                          heed_parallel parallel, bool packed)
{
    const struct workload *w;

    for (size_t i = 0; (w = workload_at(i)) != NULL; i++)
        for (size_t j = 0; heed_isa_at(j); j++)
            add_case(group, w->name,
                     (struct attention_case){.workload = *w,
                                             .isa = heed_isa_at(j),
                                             .parallel = parallel,
                                             .type = type,
                                             .q_type = q_type,
                                             .packed = packed});
}

void add_attention(heed_parallel parallel)
{
    add_workloads("attention/f32", HEED_F32, HEED_F32, parallel, false);
    add_workloads("attention/f16", HEED_F16, HEED_F32, parallel, false);
    add_workloads("attention/bf16", HEED_BF16, HEED_F32, parallel, false);
    add_workloads("attention/bf16-qkv", HEED_BF16, HEED_BF16, parallel, false);
    add_workloads("attention/i8", HEED_I8, HEED_F32, parallel, false);
    add_workloads("attention/f8", HEED_F8, HEED_F32, parallel, false);
    add_workloads("attention_packed/f32", HEED_F32, HEED_F32, parallel, true);
    add_workloads("attention_packed/f16", HEED_F16, HEED_F32, parallel, true);
    add_workloads("attention_packed/bf16", HEED_BF16, HEED_F32, parallel, true);
    add_workloads("attention_packed/bf16-qkv", HEED_BF16, HEED_BF16, parallel, true);
    add_workloads("attention_packed/i8", HEED_I8, HEED_F32, parallel, true);
    add_workloads("attention_packed/f8", HEED_F8, HEED_F32, parallel, true);
}

static void add_sweep(const char *group, struct workload w, size_t rows, heed_parallel parallel)
{
    char name[24];

    snprintf(name, sizeof name, "%zu", rows);
    w.q_rows = rows;
    if (w.kv_rows == 0)
        w.kv_rows = rows;
    for (size_t j = 0; heed_isa_at(j); j++)
        add_case(
            group, name,
            (struct attention_case){.workload = w, .isa = heed_isa_at(j), .parallel = parallel});
}

/*
 * Over the length of a dense sequence, where one head shows the kernels bare;
 * and over query rows against 4096 keys, between decode and prefill, the powers
 * of two and their neighbours, since cliffs stand at block sizes.
 */
void add_sweeps(heed_parallel parallel)
{
    static const size_t lengths[] = {16, 32, 64, 100, 128, 256, 384, 512, 1000, 1024, 2048, 4096};
    static const size_t rows[] = {1,  2,  3,  4,  5,  6,  7,  8,  12, 16,  17,
                                  24, 32, 33, 48, 63, 64, 65, 80, 96, 112, 128};
    const struct workload prefill = {.batch = 1, .q_heads = 1, .kv_heads = 1, .dim = 64};
    const struct workload grouped = {
        .batch = 1, .q_heads = 32, .kv_heads = 8, .kv_rows = 4096, .dim = 128, .causal = true};

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        add_sweep("sweep/prefill", prefill, lengths[i], parallel);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        add_sweep("sweep/rows", grouped, rows[i], parallel);
}
