/* SPDX-License-Identifier: MIT */
/*
 * suite.c - the tables of the suites.
 *
 * What does not fit the time of a process is left out there, dearest first, and
 * named with a reason: so a suite may ask for more than a slow instruction set can do.
 */
#include "suite.h"

#include <string.h>

const char *const suite_names[] = {"quick", "default", "full"};

/* A new type of heed is a line here. */
static const struct suite_type types[] = {
    {"f32", HEED_F32, HEED_F32},   {"f16", HEED_F16, HEED_F32},
    {"bf16", HEED_BF16, HEED_F32}, {"bf16-qkv", HEED_BF16, HEED_BF16}, /* what matrix units take */
    {"i8", HEED_I8, HEED_F32},     {"f8", HEED_F8, HEED_F32},
};

static const char quick_workloads[] = "sentence,small,vit,bert,llama-prefill,verify-8,decode-4k";
/*
 * Where types differ from f32 in kind: in cache, in a long prompt, from memory.  Rounding
 * K and V of a workload costs more than timing them, so the others are for --full.
 */
static const char quick_half[] = "bert,decode-4k";
static const char default_half[] = "bert,vit,batch,llama-prefill,chunk,verify-8,decode-4k";
static const char quick_more[] = "small,bert,decode-4k"; /* packed keys, peers */

/* 0 ends each. */
static const size_t rows_quick[] = {1, 2, 4, 8, 16, 32, 64, 128, 0};
static const size_t rows_all[] = {1,  2,  3,  4,  5,  6,  7,  8,  12,  16,  17, 24,
                                  32, 33, 48, 63, 64, 65, 80, 96, 112, 128, 0};
static const size_t prefill_quick[] = {64, 256, 1024, 0};
static const size_t prefill_all[] = {16,  32,   64,   100,  128,  256, 384,
                                     512, 1000, 1024, 2048, 4096, 0};
static const size_t lengths_quick[] = {1024, 0};
static const size_t lengths_all[] = {64, 256, 1024, 4096, 65536, 0};

const struct suite_type *suite_type_at(size_t index)
{
    return index < sizeof types / sizeof types[0] ? &types[index] : NULL;
}

/* The plainest of its types has its name. */
const char *suite_dtype_name(heed_dtype type)
{
    const struct suite_type *at = types;

    while (at->type != type)
        at++;
    return at->name;
}

bool suite_has_workload(const struct settings *settings, const char *workload, heed_dtype type)
{
    const bool quick = settings->suite == SUITE_QUICK;

    if (settings->workloads)
        return list_has(settings->workloads, workload);
    if (settings->suite == SUITE_FULL)
        return true;
    if (type != HEED_F32)
        return list_has(quick ? quick_half : default_half, workload);
    return !quick || list_has(quick_workloads, workload);
}

/* What masks cost shows without packed keys. */
bool suite_has_more(const struct settings *settings, const struct workload *w)
{
    if (!suite_has_workload(settings, w->name, HEED_F32))
        return false;
    if (settings->workloads || settings->suite == SUITE_FULL)
        return true;
    return settings->suite == SUITE_QUICK ? list_has(quick_more, w->name) : workload_is_plain(w);
}

bool suite_has_part(const struct settings *settings, const char *part, size_t threads)
{
    return list_has(settings->workloads, part) &&
           (settings->workloads || settings->suite == SUITE_FULL ||
            threads == settings->threads[0]);
}

size_t suite_rows(enum suite suite, size_t index)
{
    return (suite == SUITE_QUICK ? rows_quick : rows_all)[index];
}

size_t suite_prefill(enum suite suite, size_t index)
{
    return (suite == SUITE_QUICK ? prefill_quick : prefill_all)[index];
}

size_t suite_length(enum suite suite, size_t index)
{
    return (suite == SUITE_QUICK ? lengths_quick : lengths_all)[index];
}

double suite_seconds(enum suite suite)
{
    static const double seconds[] = {30, 180, 1200};

    return seconds[suite];
}
