/* SPDX-License-Identifier: MIT */
/*
 * counted.c - some calls of every operation, for those who count their instructions.
 *
 *     heed-counted ISA names     writes the names of the calls
 *     heed-counted ISA calls     makes each twice, the second time in counted(), which is what
 *                                callgrind collects
 *     heed-counted ISA marks     the same, between two marks that count.c sees
 *
 * The calls are short: they show what an operation costs, not how a cache serves it.
 */
#define _DEFAULT_SOURCE /* syscall */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "buffers.h"
#include "calls.h"
#include "marks.h"

/* Of one sequence: heads, KV heads, rows, keys, dims. */
#define HEADS(q, kv, rows, keys, dims)                                                             \
    .batch = 1, .q_heads = q, .kv_heads = kv, .q_rows = rows, .kv_rows = keys, .dim = dims
/* What decoding has: a row of each head, with one KV head for all. */
#define GROUP(rows) .shape = {HEADS(rows, 1, 1, 1024, 128)}
#define ALL_BF16 .type = HEED_BF16, .q_type = HEED_BF16

/* clang-format off */
static const struct call_spec specs[] = {
    {"attention/f32/sentence", .shape = {HEADS(1, 1, 6, 6, 3)}},
    {"attention/f32/16x16x64", .shape = {HEADS(1, 1, 16, 16, 64)}},
    {"attention/f32/64x64x32", .shape = {HEADS(1, 1, 64, 64, 32)}},
    {"attention/f32/64x64x64", .shape = {HEADS(1, 1, 64, 64, 64)}},
    {"attention/f32/197x197x64", .shape = {HEADS(1, 1, 197, 197, 64)}},
    {"attention/f32/256x256x64", .shape = {HEADS(1, 1, 256, 256, 64)}},
    {"attention/f32/256x77x40", .shape = {HEADS(1, 1, 256, 77, 40)}},
    {"attention/f32/256x256x128-causal", .shape = {HEADS(1, 1, 256, 256, 128), .causal = true}},
    {"attention/f32/512x512x64-window", .shape = {HEADS(1, 1, 512, 512, 64), .causal = true, .window = 128}},
    {"attention/f32/49x49x32-head-bias", .shape = {HEADS(3, 3, 49, 49, 32), .mask = HEAD_BIAS}},
    {"attention/f32/2x128x128x64-pad", .shape = {"", 2, 1, 1, 128, 128, 64, false, 0, MASK_PAD, 0}},
    {"attention/f32/128x256x64-bits", .shape = {HEADS(1, 1, 128, 256, 64), .mask = MASK_BITS}},
    {"attention/f32/128x256x64-bytes", .shape = {HEADS(1, 1, 128, 256, 64), .mask = MASK_BYTES}},
    {"attention/f32/128x256x64-bias", .shape = {HEADS(1, 1, 128, 256, 64), .mask = BIAS}},
    {"attention/f32/group-of-1", GROUP(1)},
    {"attention/f32/group-of-4", GROUP(4)},
    {"attention/f32/group-of-8", GROUP(8)},
    {"attention/f32/24x1024x128", .shape = {HEADS(1, 1, 24, 1024, 128)}},
    {"attention_packed/f32/group-of-1", GROUP(1), .packed = true},
    {"attention_packed/f32/group-of-4", GROUP(4), .packed = true},
    {"attention_packed/f32/128x256x64", .shape = {HEADS(1, 1, 128, 256, 64)}, .packed = true},
    {"attention/f16/group-of-4", GROUP(4), .type = HEED_F16},
    {"attention/f16/128x256x64", .shape = {HEADS(1, 1, 128, 256, 64)}, .type = HEED_F16},
    {"attention/bf16/group-of-1", GROUP(1), .type = HEED_BF16},
    {"attention/bf16/group-of-4", GROUP(4), .type = HEED_BF16},
    {"attention/bf16-qkv/64x64x32", .shape = {HEADS(1, 1, 64, 64, 32)}, ALL_BF16},
    {"attention/bf16-qkv/128x256x64", .shape = {HEADS(1, 1, 128, 256, 64)}, ALL_BF16},
    {"attention/bf16-qkv/128x256x64-bytes", .shape = {HEADS(1, 1, 128, 256, 64), .mask = MASK_BYTES}, ALL_BF16},
    {"attention/bf16-qkv/group-of-4", GROUP(4), ALL_BF16},
    {"attention/i8/group-of-1", GROUP(1), .type = HEED_I8},
    {"attention/i8/group-of-4", GROUP(4), .type = HEED_I8},
    {"attention/i8/128x256x64", .shape = {HEADS(1, 1, 128, 256, 64)}, .type = HEED_I8},
    {"attention/f8/group-of-4", GROUP(4), .type = HEED_F8},
    {"attention_packed/i8/group-of-4", GROUP(4), .type = HEED_I8, .packed = true},
    {"backward/f32/64x64x64", .shape = {HEADS(1, 1, 64, 64, 64)}, .operation = BACKWARD},
    {"backward/f32/64x64x64-bias", .shape = {HEADS(1, 1, 64, 64, 64), .mask = BIAS}, .operation = BACKWARD},
    {"backward/f32/128x128x64-causal", .shape = {HEADS(1, 1, 128, 128, 64), .causal = true}, .operation = BACKWARD},
    {"pack_k/f32/256x128", .shape = {HEADS(1, 1, 1, 256, 128)}, .operation = PACK_K},
    {"pack_k/bf16/256x128", .shape = {HEADS(1, 1, 1, 256, 128)}, .operation = PACK_K, .type = HEED_BF16},
    {"kv_append/f32/1x128", .shape = {HEADS(1, 1, 1, 1, 128)}, .operation = KV_APPEND},
    {"kv_append/i8/64x128", .shape = {HEADS(1, 1, 1, 64, 128)}, .operation = KV_APPEND, .type = HEED_I8},
};
/* clang-format on */

/* Alone in a function, so that what it calls can be told from the rest. */
__attribute__((noinline)) heed_status counted(struct call *call);

heed_status counted(struct call *call)
{
    return call_run(call);
}

static void mark(bool marks, long number)
{
    if (marks)
        (void)syscall(SYS_close, MARK_FILE, MARK_SURE, number); /* there is no such file */
}

static heed_status count(const struct call_spec *spec, const heed_isa *isa, bool marks, long number)
{
    struct call call;

    call_open(&call, spec);
    heed_status status = call_use(&call, isa);

    if (status == HEED_OK)
        status = call_run(&call);
    if (status == HEED_OK) {
        mark(marks, number);
        status = counted(&call);
        mark(marks, number);
    }
    call_leave(&call);
    call_close(&call);
    if (status != HEED_OK)
        fprintf(stderr, "heed-counted: %s: %s\n", spec->name, heed_status_string(status));
    return status;
}

/* The table, and then each of the primitives.  NULL past the end. */
static const struct call_spec *spec_at(size_t index)
{
    static struct call_spec primitive;
    static char name[40];

    if (index < sizeof specs / sizeof specs[0])
        return &specs[index];
    const struct primitive *p = primitive_at(index - sizeof specs / sizeof specs[0]);

    if (!p)
        return NULL;
    snprintf(name, sizeof name, "%s/f32/256", p->name);
    primitive =
        (struct call_spec){.name = name, .operation = PRIMITIVE, .primitive = p, .length = 256};
    return &primitive;
}

int main(int argc, char **argv)
{
    const heed_isa *isa = argc == 3 ? heed_isa_find(argv[1]) : NULL;
    const bool names = argc == 3 && strcmp(argv[2], "names") == 0;
    const bool marks = argc == 3 && strcmp(argv[2], "marks") == 0;
    const struct call_spec *spec;

    if (argc != 3 || (!names && !marks && strcmp(argv[2], "calls") != 0)) {
        fputs("usage: heed-counted ISA names|calls|marks\n", stderr);
        return 2;
    }
    if (!names && (!isa || !heed_isa_supported(isa))) {
        fprintf(stderr, "heed-counted: no %s here\n", argv[1]);
        return 3;
    }
    /* All numbers at once: the longest of them is asked for first, and stays. */
    (void)normal_numbers(1 << 20);
    for (size_t i = 0; (spec = spec_at(i)) != NULL; i++) {
        if (names)
            puts(spec->name);
        else if (count(spec, isa, marks, (long)i) != HEED_OK)
            return 1;
    }
    return 0;
}
