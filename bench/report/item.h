/* SPDX-License-Identifier: MIT */
/* item.h - one thing that a report times: a case of heed or a peer, or a ceiling. */
#ifndef HEED_BENCH_REPORT_ITEM_H
#define HEED_BENCH_REPORT_ITEM_H

#include <stdbool.h>
#include <stdint.h>

#include <heed/heed.h>

#include "../ceilings/ceilings.h"
#include "../primitives.h"
#include "../workloads.h"

enum { ID_SIZE = 112 };

/* What a call does; rates are of one of these per second. */
enum work { WORK_FLOP, WORK_BYTES, WORK_ELEMENTS, WORKS };

/* One process: an instruction set and a number of threads. */
struct setting {
    const heed_isa *isa;
    size_t threads, cpu; /* threads stay on the cores from cpu on */
    size_t core_kind;    /* of settings.core_kinds */
    char suffix[8];      /* of ids: "/c1", or "" where cores are all of one kind */
    heed_parallel parallel;
};

/* What the check of an item found before it was timed. */
struct verdict {
    bool right;
    double max_error, error_bound; /* NAN: not known */
    char why[96];                  /* not right, or not available */
    bool absent;                   /* not available here, which is no fault */
};

struct item;

struct item_kind {
    /* Makes item->state ready for calls, and checks a result. */
    void (*open)(struct item *item, const struct setting *setting, struct verdict *verdict);
    void (*call)(void *state);
    /* The ceiling to measure beside each round; NULL: none. */
    struct ceiling *(*beside)(void *state);
    void (*close)(void *state);
};

struct item {
    char id[ID_SIZE], ceiling_id[ID_SIZE], repeat_of[ID_SIZE]; /* "": none */
    char workload[32];
    const struct item_kind *kind;
    const char *operation; /* of a ceiling: what it is of */
    const char *dtype, *library;
    const char *pages; /* of a ceiling: "small", "huge" or NULL */
    bool ceiling;
    struct workload shape; /* dim 0: has none */
    double work[WORKS];    /* 0: not counted */
    enum work rate_of;
    /* How to make it. */
    heed_dtype type, q_type; /* of a ceiling: of what it reads */
    bool packed;
    size_t length, numbers; /* row length; of normal_numbers() that it reads */
    const struct primitive *primitive;
    void *state;
};

extern const struct item_kind attention_kind, primitive_kind, ceiling_kind, openblas_kind;

#endif
