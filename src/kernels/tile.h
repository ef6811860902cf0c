/* SPDX-License-Identifier: MIT */
/*
 * tile.h - the two register tiles that everything else is built of.
 *
 * Lanes are keys in one and dims in the other, and every lane is one chain of
 * FMAs: over d for a score, over keys for a sum of values.  So a number has the
 * same bits in a tile of one row as in a tile of six.
 */
#ifndef HEED_KERNELS_TILE_H
#define HEED_KERNELS_TILE_H

#include <stddef.h>

/*
 * The tiles only stay in registers if the loops over them are gone.  Not so under
 * clang's sanitizers: clang 14 took over a minute for one file of unrolled, checked tiles.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define HEED_SANITIZED
#endif
#endif
#if defined(HEED_SANITIZED)
#define UNROLL
#define UNROLL_SOME
#elif defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#define UNROLL_SOME _Pragma("clang loop unroll_count(4)")
#elif defined(__GNUC__)
#define UNROLL _Pragma("GCC unroll 32")
#define UNROLL_SOME _Pragma("GCC unroll 4")
#else
#define UNROLL
#define UNROLL_SOME
#endif
#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

enum {
    TILE_COLS = TILE_VECS * VF_LANES,
    LINE = 16,     /* floats of a cache line */
    WIDE_VECS = 8, /* of a tile of one row */
    /* Up to so many rows, keys are transposed in registers, so many at a time: with 8 rather
       than 16, one row of queries read memory 5 to 10 % faster. */
    DIRECT_ROWS = TILE_ROWS < 4 ? TILE_ROWS : 4,
    DIRECT_COLS = VF_LANES > 8    ? VF_LANES
                  : TILE_COLS < 8 ? TILE_COLS
                                  : 8
};

/* Cache lines of so many vectors. */
#define LINES(vectors) (((vectors)*VF_LANES + 15) / 16)

/* CALL(R) with R the number of rows, as a constant: the loops over rows must unroll. */
#define ROWS_CASE(R, CALL)                                                                         \
    case R:                                                                                        \
        if (R <= TILE_ROWS)                                                                        \
            CALL((R < TILE_ROWS ? R : TILE_ROWS));                                                 \
        break
#define FOR_ROWS(rows, CALL)                                                                       \
    switch (rows) {                                                                                \
        ROWS_CASE(1, CALL);                                                                        \
        ROWS_CASE(2, CALL);                                                                        \
        ROWS_CASE(3, CALL);                                                                        \
        ROWS_CASE(4, CALL);                                                                        \
        ROWS_CASE(5, CALL);                                                                        \
        ROWS_CASE(6, CALL);                                                                        \
    }

/*
 * What a tile fetches into the second cache while it computes: lines at `at`,
 * `step` bytes further for each turn of its loop.  Memory is read fastest in the
 * order of its addresses, which is not that of the tiles.
 */
struct ahead {
    const char *at;
    ptrdiff_t step;
};

INLINE void fetch_ahead(struct ahead *a, int lines)
{
#if defined(__GNUC__)
    UNROLL for (int i = 0; i < lines; i++) __builtin_prefetch(a->at + i * 64, 0, 2);
#endif
    a->at += a->step;
}

/* A line that is there already: costs an instruction. */
static inline struct ahead nothing_ahead(const float *at)
{
    return (struct ahead){(const char *)at, 0};
}

/*
 * s[r][key] (+)= q[r] . k[key] for R rows and C vectors of keys; `keys` is a panel
 * [dim][TILE_COLS], or starts within one.  Rows of s are s_row apart.  `more`:
 * continue the chains in s.
 */
INLINE void tile_scores(const float *const *q, size_t dim, const float *keys, float *s,
                        ptrdiff_t s_row, bool more, struct ahead ahead, const int R, const int C)
{
    vf acc[TILE_ROWS][TILE_VECS];

    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < C; c++) acc[r][c] =
        more ? vf_load(s + r * s_row + c * VF_LANES) : vf_zero();
    for (size_t d = 0; d < dim; d++, keys += TILE_COLS) {
        vf key[TILE_VECS];

        fetch_ahead(&ahead, LINES(C));
        UNROLL for (int c = 0; c < C; c++) key[c] = vf_load(keys + c * VF_LANES);
        UNROLL for (int r = 0; r < R; r++)
        {
            const vf x = vf_set1(q[r][d]);

            UNROLL for (int c = 0; c < C; c++) acc[r][c] = vf_fma(x, key[c], acc[r][c]);
        }
    }
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < C; c++)
        vf_store(s + r * s_row + c * VF_LANES, acc[r][c]);
}

/*
 * o[r][0..C vectors) (+)= sum over j of w[r][j] v[j] for R rows.  `more`: continue
 * the chains in o.  Rows of w, v and o are w_row, v_row and o_row apart.  Weights
 * stay in registers and values stream, or the other way round, whichever is fewer.
 */
INLINE void tile_values(const float *w, ptrdiff_t w_row, size_t keys, const float *v,
                        ptrdiff_t v_row, float *o, ptrdiff_t o_row, bool more, struct ahead ahead,
                        const int R, const int C)
{
    vf acc[TILE_ROWS * TILE_VECS + WIDE_VECS], kept[TILE_VECS];

    UNROLL for (int i = 0; i < R * C; i++) acc[i] =
        more ? vf_load(o + i / C * o_row + i % C * VF_LANES) : vf_zero();
    UNROLL_SOME for (size_t j = 0; j < keys; j++, v += v_row)
    {
        fetch_ahead(&ahead, LINES(C));
        if (R < C) {
            UNROLL for (int r = 0; r < R; r++) kept[r] = vf_set1(w[r * w_row + (ptrdiff_t)j]);
            UNROLL for (int c = 0; c < C; c++)
            {
                const vf x = vf_load(v + c * VF_LANES);

                UNROLL for (int r = 0; r < R; r++) acc[r * C + c] =
                    vf_fma(kept[r], x, acc[r * C + c]);
            }
        } else {
            UNROLL for (int c = 0; c < C; c++) kept[c] = vf_load(v + c * VF_LANES);
            UNROLL for (int r = 0; r < R; r++)
            {
                const vf x = vf_set1(w[r * w_row + (ptrdiff_t)j]);

                UNROLL for (int c = 0; c < C; c++) acc[r * C + c] =
                    vf_fma(x, kept[c], acc[r * C + c]);
            }
        }
    }
    UNROLL for (int i = 0; i < R * C; i++) vf_store(o + i / C * o_row + i % C * VF_LANES, acc[i]);
}

/*
 * s[r][key] = q[r] . k[key] for R rows and one vector of keys for each of C, which
 * are transposed in registers: for few rows that costs less than a panel in memory,
 * and the keys are read while the FMAs go on.  dim in whole vectors.
 */
INLINE void tile_direct(const float *const *q, size_t dim, const float *k, ptrdiff_t k_row,
                        float *s, ptrdiff_t s_row, struct ahead ahead, const int R, const int C)
{
    vf acc[DIRECT_ROWS][TILE_VECS];

    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < C; c++) acc[r][c] = vf_zero();
    /* A cache line of each key at a time: rows 4 KiB apart share the same 8 places of a cache. */
    for (size_t line = 0; line < dim; line += LINE) {
        const size_t end = dim - line < LINE ? dim : line + LINE;

        UNROLL for (int c = 0; c < C; c++) for (size_t d = line; d < end; d += VF_LANES)
        {
            vf key[VF_LANES];

            vf_load_across(k + c * VF_LANES * k_row + d, k_row, key);
            fetch_ahead(&ahead, LINES(VF_LANES));
            UNROLL for (int i = 0; i < VF_LANES; i++) UNROLL for (int r = 0; r < R; r++) acc[r][c] =
                vf_fma(vf_set1(q[r][d + i]), key[i], acc[r][c]);
        }
    }
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < C; c++)
        vf_store(s + r * s_row + c * VF_LANES, acc[r][c]);
}

/* tile_direct for 1 to DIRECT_ROWS rows and DIRECT_COLS keys. */
static void scores_direct(const float *const *q, size_t dim, const float *k, ptrdiff_t k_row,
                          float *s, ptrdiff_t s_row, struct ahead ahead, size_t rows)
{
    ahead.step = LINES(VF_LANES) * 64;
#define CALL(R) tile_direct(q, dim, k, k_row, s, s_row, ahead, R, DIRECT_COLS / VF_LANES)
    switch (rows) {
        ROWS_CASE(1, CALL);
        ROWS_CASE(2, CALL);
        ROWS_CASE(3, CALL);
        ROWS_CASE(4, CALL);
    }
#undef CALL
}

/*
 * tile_scores for 1 to TILE_ROWS rows and the first `cols` keys of a panel: all of
 * it at once, or as few vectors as hold them, one by one.
 */
static void scores_of_rows(const float *const *q, size_t dim, const float *keys, size_t cols,
                           float *s, ptrdiff_t s_row, bool more, struct ahead ahead, size_t rows)
{
    if (cols > TILE_COLS - VF_LANES) {
#define CALL(R) tile_scores(q, dim, keys, s, s_row, more, ahead, R, TILE_VECS)
        FOR_ROWS(rows, CALL)
#undef CALL
        return;
    }
    for (size_t j = 0; j < cols; j += VF_LANES, keys += VF_LANES, s += VF_LANES) {
#define CALL(R) tile_scores(q, dim, keys, s, s_row, more, ahead, R, 1)
        FOR_ROWS(rows, CALL)
#undef CALL
    }
}

/*
 * tile_values for 1 to TILE_ROWS rows and any number of vectors, v and o padded to
 * whole ones.  `ahead`: as many rows to fetch, its step from row to row; rows that
 * touch are fetched in the order of their addresses.
 */
static void values_of_rows(const float *w, ptrdiff_t w_row, size_t keys, const float *v,
                           ptrdiff_t v_row, struct ahead ahead, float *o, ptrdiff_t o_row,
                           size_t vectors, bool more, size_t rows)
{
    const ptrdiff_t row_bytes = (ptrdiff_t)(vectors * VF_LANES * sizeof *v);
    const bool linear = ahead.step == row_bytes;

    while (vectors) {
        /* One row alone has too few chains to hide the latency of an FMA: make it wide. */
        const size_t c = rows == 1 && vectors >= WIDE_VECS ? WIDE_VECS
                         : vectors >= TILE_VECS            ? TILE_VECS
                                                           : 1;
        const ptrdiff_t width = (ptrdiff_t)c * VF_LANES, bytes = width * (ptrdiff_t)sizeof *v;

        if (linear)
            ahead.step = bytes;
        if (rows == 1 && c == WIDE_VECS) {
            tile_values(w, w_row, keys, v, v_row, o, o_row, more, ahead, 1, WIDE_VECS);
        } else if (c == TILE_VECS) {
#define CALL(R) tile_values(w, w_row, keys, v, v_row, o, o_row, more, ahead, R, TILE_VECS)
            FOR_ROWS(rows, CALL)
#undef CALL
        } else {
#define CALL(R) tile_values(w, w_row, keys, v, v_row, o, o_row, more, ahead, R, 1)
            FOR_ROWS(rows, CALL)
#undef CALL
        }
        if (ahead.step)
            ahead.at += linear ? (ptrdiff_t)keys * bytes : bytes;
        vectors -= c;
        v += width;
        o += width;
    }
}

#endif
