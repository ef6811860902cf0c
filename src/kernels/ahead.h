/* SPDX-License-Identifier: MIT */
/* ahead.h - what tiles fetch while they compute. */
#ifndef HEED_KERNELS_AHEAD_H
#define HEED_KERNELS_AHEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "dtype.h"
#include "kernels/compiler.h"
#include "scratch.h"

/* Cache lines of so many vectors of f32, and of a type. */
#define LINES(vectors) (((vectors)*VF_LANES + 15) / 16)
#define LINES_OF(type, vectors) (((vectors)*VF_LANES * (int)heed_size(type) + 63) / 64)

/* Few rows: keys are transposed in registers, and memory is what binds. */
enum { FEW_ROWS = TILE_ROWS < HEED_FEW_ROWS ? TILE_ROWS : HEED_FEW_ROWS };

/*
 * What a tile fetches into the second cache while it computes, some lines in each turn of its
 * loop: from two places by turns, `step` bytes further each time.  Memory is read fastest
 * in the order of its addresses, which is not that of the tiles, and a fifth faster
 * in two places at a time than in one.
 */
struct ahead {
    const char *at, *other; /* NULL until by_steps(): there is one place only */
    ptrdiff_t step;         /* 0: nothing to fetch */
};

/*
 * BY_TURNS and IN_ORDER fetch a block ahead, NEAR less than the first cache holds.  NEAR leaves
 * it to the hardware to read further ahead, which needs a stream of addresses to follow.
 */
enum way { IN_ORDER, BY_TURNS, NEAR };

/*
 * How a group of so many rows fetches.  Tiles of narrow numbers and several rows are bound by
 * FMAs: turns cost them up to 10 %.
 */
static inline enum way way_of(heed_dtype type, size_t rows)
{
    if (NEAR_KEYS && rows <= FEW_ROWS && type != HEED_F8) /* bound by what widens it: loses 9 % */
        return NEAR;
    return type == HEED_F32 || rows == 1 ? BY_TURNS : IN_ORDER;
}

INLINE void fetch_ahead(struct ahead *a, int lines, const enum way way)
{
    const char *next = a->at + a->step;

#if defined(__GNUC__)
    UNROLL for (int i = 0; i < lines; i++) if (way == NEAR)
        __builtin_prefetch(a->at + i * 64, 0, 3);
    else __builtin_prefetch(a->at + i * 64, 0, 2);
#endif
    a->at = way == BY_TURNS ? a->other : next;
    a->other = next;
}

/* A row that is used soon, and only once. */
INLINE void fetch_row(const void *x, size_t bytes)
{
    struct ahead next = {x, NULL, 64};

    for (size_t byte = 0; byte < bytes; byte += 64)
        fetch_ahead(&next, 1, IN_ORDER);
}

/* A line that is there already: costs a few instructions. */
static inline struct ahead nothing_ahead(const void *at)
{
    return (struct ahead){at, at, 0};
}

/*
 * What is to be fetched, NULL for nothing; `at` is a line that is there already.  Calls take it
 * by address: gcc copies three words by 16 bytes right after it wrote them by 8, which no core
 * forwards, and so each call waited until all loads before it were done.
 */
static inline struct ahead ahead_of(const struct ahead *next, const void *at)
{
    return next ? *next : nothing_ahead(at);
}

/* The same in steps of so many bytes; one place is as good as two, a step apart. */
static inline struct ahead by_steps(struct ahead a, ptrdiff_t bytes, enum way way)
{
    if (!a.step)
        return a;
    if (!a.other && way == BY_TURNS)
        return (struct ahead){a.at, a.at + bytes, 2 * bytes};
    return (struct ahead){a.at, a.other, bytes};
}

/* What is left after so many bytes. */
static inline struct ahead skip_ahead(struct ahead a, ptrdiff_t bytes)
{
    if (!a.step)
        return a;
    if (!a.other)
        return (struct ahead){a.at + bytes, NULL, a.step};
    return (struct ahead){a.at + bytes / 2, a.other + bytes / 2, a.step};
}

#endif
