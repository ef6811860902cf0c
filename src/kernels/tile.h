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

#include "kernels/ahead.h"
#include "kernels/convert.h"

enum {
    TILE_COLS = TILE_VECS * VF_LANES,
    LINE = 16,     /* floats of a cache line */
    WIDE_VECS = 8, /* of a tile of up to WIDE_ROWS rows */
    /* Up to so many rows, keys are transposed in registers, so many at a time. */
    DIRECT_ROWS = FEW_ROWS,
    DIRECT_COLS = VF_LANES >= 8   ? 16
                  : TILE_COLS < 8 ? TILE_COLS
                                  : 8
};

/* Dims of a type that are loaded across VF_LANES keys at a time. */
#define ACROSS(type) ((type) == HEED_F32 ? ACROSS_DIMS : VF_LANES)
/* Cache lines of these, at least one. */
#define DIRECT_LINES(type) ((VF_LANES * ACROSS(type) * (int)heed_size(type) + 63) / 64)

/* CALL(N) with N, which is no more than MOST, as a constant: the loops over it must unroll. */
#define CASE_UP_TO(N, MOST, CALL)                                                                  \
    case N:                                                                                        \
        if (N <= MOST)                                                                             \
            CALL((N < MOST ? N : MOST));                                                           \
        break

/* Rows of a group, 1 to TILE_ROWS; */
#define FOR_ROWS(rows, CALL)                                                                       \
    switch (rows) {                                                                                \
        CASE_UP_TO(1, TILE_ROWS, CALL);                                                            \
        CASE_UP_TO(2, TILE_ROWS, CALL);                                                            \
        CASE_UP_TO(3, TILE_ROWS, CALL);                                                            \
        CASE_UP_TO(4, TILE_ROWS, CALL);                                                            \
        CASE_UP_TO(5, TILE_ROWS, CALL);                                                            \
        CASE_UP_TO(6, TILE_ROWS, CALL);                                                            \
    }

/* no more than DIRECT_ROWS, or WIDE_ROWS; */
#define FOR_FEW_ROWS(rows, CALL)                                                                   \
    switch (rows) {                                                                                \
        CASE_UP_TO(1, DIRECT_ROWS, CALL);                                                          \
        CASE_UP_TO(2, DIRECT_ROWS, CALL);                                                          \
        CASE_UP_TO(3, DIRECT_ROWS, CALL);                                                          \
        CASE_UP_TO(4, DIRECT_ROWS, CALL);                                                          \
    }
#define FOR_WIDE_ROWS(rows, CALL)                                                                  \
    switch (rows) {                                                                                \
        CASE_UP_TO(1, WIDE_ROWS, CALL);                                                            \
        CASE_UP_TO(2, WIDE_ROWS, CALL);                                                            \
        CASE_UP_TO(3, WIDE_ROWS, CALL);                                                            \
    }

/* vectors of a tile, 1 to TILE_VECS. */
#define FOR_COLS(cols, CALL)                                                                       \
    switch (cols) {                                                                                \
        CASE_UP_TO(1, TILE_VECS, CALL);                                                            \
        CASE_UP_TO(2, TILE_VECS, CALL);                                                            \
        CASE_UP_TO(3, TILE_VECS, CALL);                                                            \
        CASE_UP_TO(4, TILE_VECS, CALL);                                                            \
    }

/* acc + a b, with b in a register; or in memory, where it is `aligned` for that. */
INLINE vf add_product(vf a, vf b, const void *memory, vf acc, const bool aligned)
{
    return FMA_FROM && aligned ? vf_fma_from(a, memory, acc) : vf_fma(a, b, acc);
}

/* One dim of a tile of scores; `begin`: the first one, whose products are not added to zeros. */
INLINE void tile_dim(const float *const *q, size_t d, heed_dtype type, const void *keys,
                     vf acc[TILE_ROWS][TILE_VECS], const bool begin, const bool aligned,
                     const int R, const int C)
{
    vf key[TILE_VECS], next = LOADS_AHEAD ? vf_set1(q[0][d]) : vf_zero();

    UNROLL for (int c = 0; c < C; c++) key[c] =
        load_finite(type, heed_after(keys, c * VF_LANES, type));
    UNROLL for (int r = 0; r < R; r++)
    {
        const vf x = LOADS_AHEAD ? next : vf_set1(q[r][d]);

        if (LOADS_AHEAD && r + 1 < R)
            next = vf_set1(q[r + 1][d]);
        UNROLL for (int c = 0; c < C; c++) acc[r][c] =
            begin
                ? vf_mul(x, key[c])
                : add_product(x, key[c], heed_after(keys, c * VF_LANES, type), acc[r][c], aligned);
    }
}

/*
 * s[r][key] (+)= q[r] . k[key] for R rows and C vectors of keys; `keys` is a panel
 * [dim][TILE_COLS] of any type, or starts within one.  Rows of s are s_row apart.
 * `more`: continue the chains in s.  Fetches so many lines in each step.
 */
INLINE void tile_scores(const float *const *q, size_t dim, heed_dtype type, const void *keys,
                        float *s, ptrdiff_t s_row, bool more, struct ahead ahead, const int lines,
                        const int R, const int C)
{
    vf acc[TILE_ROWS][TILE_VECS];

    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < C; c++) acc[r][c] =
        more ? vf_load(s + r * s_row + c * VF_LANES) : vf_zero();
    UNROLL_DIMS for (size_t d = 0; d < dim; d++, keys = heed_after(keys, TILE_COLS, type))
    {
        fetch_ahead(&ahead, lines, way_of(type, (size_t)R));
        tile_dim(q, d, type, keys, acc, false, false, R, C);
    }
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < C; c++)
        vf_store(s + r * s_row + c * VF_LANES, acc[r][c]);
}

/*
 * One key of a tile of values: acc[r][c] += w[r] v[c], where weights stream.  With `o`, the
 * sums are done: each is stored there before the next one is computed.
 */
INLINE void tile_key(const float *w, ptrdiff_t w_row, heed_dtype type, const void *v, vf *acc,
                     float *o, ptrdiff_t o_row, const bool aligned, const int R, const int C)
{
    vf kept[TILE_VECS], next = LOADS_AHEAD ? vf_set1(*w) : vf_zero();

    UNROLL for (int c = 0; c < C; c++) kept[c] =
        load_finite(type, heed_after(v, c * VF_LANES, type));
    UNROLL for (int r = 0; r < R; r++)
    {
        vf x = LOADS_AHEAD ? next : vf_set1(w[r * w_row]);

        if (LOADS_AHEAD && r + 1 < R)
            next = vf_set1(w[(r + 1) * w_row]);
        UNROLL for (int c = 0; c < C; c++)
        {
            acc[r * C + c] =
                add_product(x, kept[c], heed_after(v, c * VF_LANES, type), acc[r * C + c], aligned);
            if (o) {
                vf_store(o + r * o_row + c * VF_LANES, acc[r * C + c]);
                vf_in_step(&x);
            }
        }
    }
}

/*
 * o[r][0..C vectors) (+)= sum over j of w[r][j] v[j] for R rows.  `more`: continue
 * the chains in o.  Rows of w, v and o are w_row, v_row and o_row apart.  Weights
 * stay in registers and values stream, or the other way round, whichever is fewer.
 * Fetches so many lines in each step.
 */
INLINE void tile_values(const float *w, ptrdiff_t w_row, size_t keys, heed_dtype type,
                        const void *v, ptrdiff_t v_row, float *o, ptrdiff_t o_row, bool more,
                        struct ahead ahead, const int lines, const int R, const int C)
{
    vf acc[TILE_ROWS * TILE_VECS + WIDE_VECS], kept[WIDE_VECS];

    UNROLL for (int i = 0; i < R * C; i++) acc[i] =
        more ? vf_load(o + i / C * o_row + i % C * VF_LANES) : vf_zero();
    UNROLL_SOME for (size_t j = 0; j < keys; j++, v = heed_after(v, v_row, type))
    {
        fetch_ahead(&ahead, lines, way_of(type, (size_t)R));
        if (R >= C || (FMA_FROM && R == TILE_ROWS)) {
            tile_key(w + j, w_row, type, v, acc, NULL, 0, false, R, C);
            continue;
        }
        UNROLL for (int r = 0; r < R; r++) kept[r] = vf_set1(w[r * w_row + (ptrdiff_t)j]);
        UNROLL for (int c = 0; c < C; c++)
        {
            const vf x = load_finite(type, heed_after(v, c * VF_LANES, type));

            UNROLL for (int r = 0; r < R; r++) acc[r * C + c] = vf_fma(kept[r], x, acc[r * C + c]);
        }
    }
    UNROLL for (int i = 0; i < R * C; i++) vf_store(o + i / C * o_row + i % C * VF_LANES, acc[i]);
}

INLINE void scores_as(const float *const *q, size_t dim, const float *keys, float *s,
                      ptrdiff_t s_row, bool more, struct ahead ahead, size_t rows, const int C)
{
    const int lines = LINES(C);

#define CALL(R) tile_scores(q, dim, HEED_F32, keys, s, s_row, more, ahead, lines, R, C)
    FOR_ROWS(rows, CALL)
#undef CALL
}

/*
 * tile_scores for 1 to TILE_ROWS rows and the first `cols` keys of a panel, in as few
 * vectors as hold them.  Within a caller with variables of its own the loop would reload
 * its pointers: 32 instructions, not 26.
 */
APART void scores_of_rows(const float *const *q, size_t dim, const float *keys, size_t cols,
                          float *s, ptrdiff_t s_row, bool more, const struct ahead *next,
                          size_t rows)
{
    const struct ahead ahead = ahead_of(next, keys);

#define CALL(C) scores_as(q, dim, keys, s, s_row, more, ahead, rows, C)
    FOR_COLS((cols + VF_LANES - 1) / VF_LANES, CALL)
#undef CALL
}

/*
 * The same for aligned panels and whole groups of rows, one after the other, and at
 * least one dim.  Nothing is fetched and little is done in between: a call of 64 dims took 2.68
 * instructions per FMA, with this 2.42.  To begin with products, not zeros, saves 1.5 % of
 * the time there, for no reason that counts tell; it makes a zero of some sign of products
 * that are all -0, which no weight depends on.
 */
INLINE void groups_as(const float *const *q, size_t dim, const float *keys, float *s,
                      ptrdiff_t s_row, size_t groups, const int C)
{
    for (; groups; groups--, q += TILE_ROWS, s += TILE_ROWS * s_row) {
        vf acc[TILE_ROWS][TILE_VECS];

        tile_dim(q, 0, HEED_F32, keys, acc, true, true, TILE_ROWS, C);
        UNROLL_DIMS for (size_t d = 1; d < dim; d++)
            tile_dim(q, d, HEED_F32, keys + d * TILE_COLS, acc, false, true, TILE_ROWS, C);
        UNROLL for (int r = 0; r < TILE_ROWS; r++) UNROLL for (int c = 0; c < C; c++)
            vf_store(s + r * s_row + c * VF_LANES, acc[r][c]);
    }
}

APART void scores_of_groups(const float *const *q, size_t dim, const float *keys, size_t cols,
                            float *s, ptrdiff_t s_row, size_t groups)
{
#define CALL(C) groups_as(q, dim, keys, s, s_row, groups, C)
    FOR_COLS((cols + VF_LANES - 1) / VF_LANES, CALL)
#undef CALL
}

/* How many of so many vectors of values make the next tile.  The last two share: 3 and 2 of 5. */
static inline size_t tile_vectors(size_t left)
{
    return left <= TILE_VECS ? left : left >= 2 * TILE_VECS ? TILE_VECS : (left + 1) / 2;
}

/* One step of values_of_rows(): c vectors of every row. */
#define VALUES(R, C)                                                                               \
    tile_values(w, w_row, keys, type, v, v_row, o, o_row, more, ahead,                             \
                (LINES_OF(type, C) + passes - 1) / passes, R, C)
INLINE void values_step(heed_dtype type, const float *w, ptrdiff_t w_row, size_t keys,
                        const void *v, ptrdiff_t v_row, struct ahead ahead, float *o,
                        ptrdiff_t o_row, bool more, size_t rows, const int passes, const int C)
{
#define CALL(R) VALUES(R, C)
    if (type == HEED_F32)
        FOR_ROWS(rows, CALL)
    else
        FOR_FEW_ROWS(rows, CALL)
#undef CALL
}

INLINE void values_as(heed_dtype type, const float *w, ptrdiff_t w_row, size_t keys, const void *v,
                      ptrdiff_t v_row, struct ahead ahead, float *o, ptrdiff_t o_row,
                      size_t vectors, bool more, size_t rows, const int passes)
{
    const ptrdiff_t size = (ptrdiff_t)heed_size(type);
    /* Rows that touch are fetched in the order of their addresses, not of the tiles. */
    const bool linear = ahead.step == (ptrdiff_t)vectors * VF_LANES * size;

    while (vectors) {
        /* One row alone has too few chains to hide the latency of an FMA: make it wide. */
        const size_t c =
            rows <= WIDE_ROWS && vectors >= WIDE_VECS ? WIDE_VECS : tile_vectors(vectors);
        const ptrdiff_t width = (ptrdiff_t)c * VF_LANES, bytes = width * size / passes;
        const struct ahead all = ahead;

        ahead = by_steps(all, linear ? bytes : all.step, way_of(type, rows));
#define WIDE(R) VALUES(R, WIDE_VECS)
#define CALL(C) values_step(type, w, w_row, keys, v, v_row, ahead, o, o_row, more, rows, passes, C)
        if (c == WIDE_VECS)
            FOR_WIDE_ROWS(rows, WIDE)
        else
            FOR_COLS(c, CALL)
#undef CALL
#undef WIDE
        ahead = skip_ahead(all, linear ? (ptrdiff_t)keys * bytes : bytes);
        vectors -= c;
        v = heed_after(v, width, type);
        o += width;
    }
}
#undef VALUES

/*
 * Four rows where three are the most that take rows of values whole: two pairs of rows, one after
 * the other.  The second finds in the first cache what the first one read from memory in the order
 * of its addresses.
 */
INLINE void values_by_pairs(heed_dtype type, const float *w, ptrdiff_t w_row, size_t keys,
                            const void *v, ptrdiff_t v_row, struct ahead ahead, float *o,
                            ptrdiff_t o_row, size_t vectors, bool more)
{
    const ptrdiff_t bytes = (ptrdiff_t)(vectors * VF_LANES * heed_size(type));
    const bool linear = ahead.step == bytes;

    values_as(type, w, w_row, keys, v, v_row, ahead, o, o_row, vectors, more, 2, 2);
    values_as(type, w + 2 * w_row, w_row, keys, v, v_row,
              skip_ahead(ahead, linear ? (ptrdiff_t)keys * bytes / 2 : bytes / 2), o + 2 * o_row,
              o_row, vectors, more, 2, 2);
}

INLINE void values_of_few(heed_dtype type, const float *w, ptrdiff_t w_row, size_t keys,
                          const void *v, ptrdiff_t v_row, struct ahead ahead, float *o,
                          ptrdiff_t o_row, size_t vectors, bool more, size_t rows)
{
    if (WIDE_ROWS == 3 && type == HEED_F32 && rows == 4 && vectors % WIDE_VECS == 0)
        values_by_pairs(type, w, w_row, keys, v, v_row, ahead, o, o_row, vectors, more);
    else
        values_as(type, w, w_row, keys, v, v_row, ahead, o, o_row, vectors, more, rows, 1);
}

/* The same of c vectors for a whole group, one aligned key or more, and nothing to fetch. */
INLINE void group_values(const float *w, ptrdiff_t w_row, size_t keys, const float *v,
                         ptrdiff_t v_row, float *o, ptrdiff_t o_row, bool more, const int C)
{
    vf acc[TILE_ROWS * TILE_VECS];

    UNROLL for (int i = 0; i < TILE_ROWS * C; i++) acc[i] =
        more ? vf_load(o + i / C * o_row + i % C * VF_LANES) : vf_zero();
    UNROLL_SOME for (size_t j = 0; j < keys - 1; j++, v += v_row)
        tile_key(w + j, w_row, HEED_F32, v, acc, NULL, 0, true, TILE_ROWS, C);
    tile_key(w + keys - 1, w_row, HEED_F32, v, acc, o, o_row, true, TILE_ROWS, C);
}

APART void values_of_group(const float *w, ptrdiff_t w_row, size_t keys, const float *v,
                           ptrdiff_t v_row, float *o, ptrdiff_t o_row, size_t vectors, bool more)
{
    while (vectors) {
        const size_t c = tile_vectors(vectors);

#define CALL(C) group_values(w, w_row, keys, v, v_row, o, o_row, more, C)
        FOR_COLS(c, CALL)
#undef CALL
        vectors -= c;
        v += c * VF_LANES;
        o += c * VF_LANES;
    }
}

/*
 * tile_values for 1 to TILE_ROWS rows and any number of vectors, v and o padded to
 * whole ones.  `ahead`: as many rows to fetch, its step from row to row.
 */
static void values_of_rows(const float *w, ptrdiff_t w_row, size_t keys, const float *v,
                           ptrdiff_t v_row, const struct ahead *next, float *o, ptrdiff_t o_row,
                           size_t vectors, bool more, size_t rows)
{
    const struct ahead ahead = ahead_of(next, v);

    if (rows == TILE_ROWS && keys && !ahead.step && vf_aligned(v, v_row))
        values_of_group(w, w_row, keys, v, v_row, o, o_row, vectors, more);
    else
        values_of_few(HEED_F32, w, w_row, keys, v, v_row, ahead, o, o_row, vectors, more, rows);
}

/* The same for values of any other type and up to DIRECT_ROWS rows. */
static void values_direct(heed_dtype type, const float *w, ptrdiff_t w_row, size_t keys,
                          const void *v, ptrdiff_t v_row, const struct ahead *next, float *o,
                          ptrdiff_t o_row, size_t vectors, bool more, size_t rows)
{
    const struct ahead ahead = ahead_of(next, v);

#define CALL(T) values_of_few(T, w, w_row, keys, v, v_row, ahead, o, o_row, vectors, more, rows)
    FOR_SHORT_TYPE(type, CALL)
#undef CALL
}

#endif
