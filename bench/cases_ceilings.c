/* SPDX-License-Identifier: MIT */
/* cases_ceilings.c - what the CPU can do at most, as cases of their own. */
#include <stdio.h>
#include <string.h>

#include "buffers.h"
#include "cases.h"
#include "ceilings/ceilings.h"
#include "half.h"
#include "workloads.h"

enum what { FMA, FMA_LOADS, MATRIX, READ_L1, READ_L2, READ_MEMORY, COPY_MEMORY };

/* A read without a type is of f32; others widen what they read. */
static const struct kind {
    const char *name;
    enum what what;
    heed_dtype type;
} kinds[] = {
    {"fma_f32", FMA, HEED_F32},
    {"fma_f32_loads", FMA_LOADS, HEED_F32},
    {"fma_f16_loads", FMA_LOADS, HEED_F16},
    {"fma_bf16_loads", FMA_LOADS, HEED_BF16},
    {"fma_i8_loads", FMA_LOADS, HEED_I8},
    {"fma_f8_loads", FMA_LOADS, HEED_F8},
    {"matrix_bf16", MATRIX, HEED_BF16},
    {"read_l1", READ_L1, HEED_F32},
    {"read_f16_l1", READ_L1, HEED_F16},
    {"read_bf16_l1", READ_L1, HEED_BF16},
    {"read_i8_l1", READ_L1, HEED_I8},
    {"read_f8_l1", READ_L1, HEED_F8},
    {"read_l2", READ_L2, HEED_F32},
    {"read_memory", READ_MEMORY, HEED_F32},
    {"read_f16_memory", READ_MEMORY, HEED_F16},
    {"read_bf16_memory", READ_MEMORY, HEED_BF16},
    {"read_i8_memory", READ_MEMORY, HEED_I8},
    {"read_f8_memory", READ_MEMORY, HEED_F8},
    {"copy_memory", COPY_MEMORY, HEED_F32},
};

struct ceiling_case {
    enum what what;
    heed_dtype type;
    const heed_isa *isa;
    heed_parallel parallel;
};

/* K and V of decode-32k. */
static size_t memory_count(void)
{
    const struct workload *w;

    for (size_t i = 0; (w = workload_at(i)) != NULL; i++)
        if (strcmp(w->name, "decode-32k") == 0)
            break;
    return w ? (size_t)workload_kv_bytes(w) / sizeof(float) : 0;
}

/* Half of each thread's cache, so that the rest of the process does not push it out. */
static size_t cache_count(enum what what, heed_parallel parallel)
{
    const size_t unknown_l1 = 32 << 10, unknown_l2 = 256 << 10;
    heed_cpu_info cpu;

    heed_cpu(&cpu, sizeof cpu);
    const size_t l1 = cpu.l1d_size ? cpu.l1d_size : unknown_l1;
    const size_t l2 = cpu.l2_size ? cpu.l2_size : unknown_l2;
    const size_t threads = parallel.workers > 1 ? parallel.workers : 1;

    return threads * (what == READ_L1 ? l1 : l2) / 2 / sizeof(float);
}

/* In cache a run is short; a thousand of them hide what it costs to start threads. */
static struct ceiling lengthened(struct ceiling ceiling)
{
    ceiling.repeats = 1000;
    ceiling.work *= 1000;
    return ceiling;
}

static void time_flops(struct gbench *bench, struct ceiling ceiling)
{
    const double seconds = gbench_time(bench, ceiling_run, &ceiling);

    gbench_counter(bench, "GFLOP/s", ceiling.work / seconds * 1e-9);
}

static void time_bytes(struct gbench *bench, struct ceiling ceiling)
{
    const double seconds = gbench_time(bench, ceiling_run, &ceiling);

    gbench_counter(bench, "GB/s", ceiling.work / seconds * 1e-9);
}

static void time_copy(struct gbench *bench, const struct ceiling_unit *unit, heed_parallel parallel)
{
    const size_t count = memory_count() / 2; /* read and written come to the same bytes again */
    float *to = buffer_new(count);

    time_bytes(bench, ceiling_copy(unit, parallel, to, normal_numbers(count), count));
    buffer_free(to);
}

/* Normal numbers as they stand in memory, whatever they are as numbers of another type. */
static void time_read(struct gbench *bench, const struct ceiling_unit *unit,
                      const struct ceiling_case *c)
{
    const bool memory = c->what == READ_MEMORY;
    const size_t floats = memory ? memory_count() : cache_count(c->what, c->parallel);
    const size_t count = floats * sizeof(float) / dtype_size(c->type);
    const struct ceiling read =
        ceiling_read(unit, c->parallel, c->type, normal_numbers(floats), count);

    time_bytes(bench, memory ? read : lengthened(read));
}

static void run_ceiling(struct gbench *bench, void *argument)
{
    const struct ceiling_case *c = argument;
    const struct ceiling_unit *unit = ceiling_unit_find(heed_isa_name(c->isa));
    const char *obstacle = isa_obstacle(c->isa);

    if (obstacle)
        gbench_skip(bench, obstacle);
    else if (c->what == FMA)
        time_flops(bench, lengthened(ceiling_fma(unit, c->parallel)));
    else if (c->what == FMA_LOADS)
        time_flops(bench, lengthened(ceiling_fma_loads(unit, c->parallel, c->type)));
    else if (c->what == MATRIX && !(unit->matrix && heed_isa_bf16(c->isa)))
        gbench_skip(bench, "no matrix unit");
    else if (c->what == MATRIX)
        time_flops(bench, lengthened(ceiling_matrix(unit, c->parallel)));
    else if (c->what == COPY_MEMORY)
        time_copy(bench, unit, c->parallel);
    else
        time_read(bench, unit, c);
}

void add_ceilings(heed_parallel parallel)
{
    for (const struct kind *kind = kinds; kind < kinds + sizeof kinds / sizeof *kinds; kind++) {
        for (size_t i = 0; heed_isa_at(i); i++) {
            const struct ceiling_case c = {kind->what, kind->type, heed_isa_at(i), parallel};
            char name[80];

            snprintf(name, sizeof name, "ceiling/%s/%s", kind->name, heed_isa_name(c.isa));
            gbench_add(name, run_ceiling, &c, sizeof c);
        }
    }
}
