/* SPDX-License-Identifier: MIT */
/* ahead.h - what tiles fetch while they compute. */
#ifndef HEED_KERNELS_AHEAD_H
#define HEED_KERNELS_AHEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "dtype.h"
#include "kernels/compiler.h"

/* Cache lines of so many vectors of f32, and of a type. */
#define LINES(vectors) (((vectors)*VF_LANES + 15) / 16)
#define LINES_OF(type, vectors) (((vectors)*VF_LANES * (int)heed_size(type) + 63) / 64)

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

/* Tiles of narrow numbers and several rows are bound by FMAs: turns cost them up to 10 %. */
static inline bool takes_turns(heed_dtype type, size_t rows)
{
    return type == HEED_F32 || rows == 1;
}

INLINE void fetch_ahead(struct ahead *a, int lines, const bool turns)
{
    const char *next = a->at + a->step;

#if defined(__GNUC__)
    UNROLL for (int i = 0; i < lines; i++) __builtin_prefetch(a->at + i * 64, 0, 2);
#endif
    a->at = turns ? a->other : next;
    a->other = next;
}

/* A row that is used soon, and only once. */
INLINE void fetch_row(const void *x, size_t bytes)
{
    struct ahead next = {x, NULL, 64};

    for (size_t byte = 0; byte < bytes; byte += 64)
        fetch_ahead(&next, 1, false);
}

/* A line that is there already: costs a few instructions. */
static inline struct ahead nothing_ahead(const void *at)
{
    return (struct ahead){at, at, 0};
}

/* The same in steps of so many bytes; one place is as good as two, a step apart. */
static inline struct ahead by_steps(struct ahead a, ptrdiff_t bytes, bool turns)
{
    if (!a.step)
        return a;
    if (!a.other && turns)
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
