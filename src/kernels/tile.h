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
    WIDE_VECS = 8, /* of a tile of one row */
    /* Up to so many rows, keys are transposed in registers, so many at a time. */
    DIRECT_ROWS = TILE_ROWS < 4 ? TILE_ROWS : 4,
    DIRECT_COLS = VF_LANES >= 8   ? 16
                  : TILE_COLS < 8 ? TILE_COLS
                                  : 8
};

/* Cache lines of VF_LANES vectors of a type, at least one. */
#define DIRECT_LINES(type) ((VF_LANES * VF_LANES * (int)heed_size(type) + 63) / 64)

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

/* The same for up to DIRECT_ROWS rows. */
#define FOR_FEW_ROWS(rows, CALL)                                                                   \
    switch (rows) {                                                                                \
        ROWS_CASE(1, CALL);                                                                        \
        ROWS_CASE(2, CALL);                                                                        \
        ROWS_CASE(3, CALL);                                                                        \
        ROWS_CASE(4, CALL);                                                                        \
    }

/* CALL(C) with C the number of vectors, 1 to TILE_VECS, as a constant. */
#define COLS_CASE(C, CALL)                                                                         \
    case C:                                                                                        \
        if (C <= TILE_VECS)                                                                        \
            CALL((C < TILE_VECS ? C : TILE_VECS));                                                 \
        break
#define FOR_COLS(cols, CALL)                                                                       \
    switch (cols) {                                                                                \
        COLS_CASE(1, CALL);                                                                        \
        COLS_CASE(2, CALL);                                                                        \
        COLS_CASE(3, CALL);                                                                        \
        COLS_CASE(4, CALL);                                                                        \
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
        fetch_ahead(&ahead, lines, takes_turns(type, R));
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
        fetch_ahead(&ahead, lines, takes_turns(type, R));
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
                          float *s, ptrdiff_t s_row, bool more, struct ahead ahead, size_t rows)
{
    const size_t vectors = (cols + VF_LANES - 1) / VF_LANES;

#define CALL(C) scores_as(q, dim, keys, s, s_row, more, ahead, rows, C)
    FOR_COLS(vectors, CALL)
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
    tile_values(w, w_row, keys, type, v, v_row, o, o_row, more, ahead, LINES_OF(type, C), R, C)
INLINE void values_step(heed_dtype type, const float *w, ptrdiff_t w_row, size_t keys,
                        const void *v, ptrdiff_t v_row, struct ahead ahead, float *o,
                        ptrdiff_t o_row, bool more, size_t rows, const int C)
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
                      size_t vectors, bool more, size_t rows)
{
    const ptrdiff_t size = (ptrdiff_t)heed_size(type);
    /* Rows that touch are fetched in the order of their addresses, not of the tiles. */
    const bool linear = ahead.step == (ptrdiff_t)vectors * VF_LANES * size;

    while (vectors) {
        /* One row alone has too few chains to hide the latency of an FMA: make it wide. */
        const size_t c = rows == 1 && vectors >= WIDE_VECS ? WIDE_VECS : tile_vectors(vectors);
        const ptrdiff_t width = (ptrdiff_t)c * VF_LANES, bytes = width * size;
        const struct ahead all = ahead;

        ahead = by_steps(all, linear ? bytes : all.step, takes_turns(type, rows));
#define CALL(C) values_step(type, w, w_row, keys, v, v_row, ahead, o, o_row, more, rows, C)
        if (c == WIDE_VECS)
            VALUES(1, WIDE_VECS);
        else
            FOR_COLS(c, CALL)
#undef CALL
        ahead = skip_ahead(all, linear ? (ptrdiff_t)keys * bytes : bytes);
        vectors -= c;
        v = heed_after(v, width, type);
        o += width;
    }
}
#undef VALUES

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
                           ptrdiff_t v_row, struct ahead ahead, float *o, ptrdiff_t o_row,
                           size_t vectors, bool more, size_t rows)
{
    if (rows == TILE_ROWS && keys && !ahead.step && vf_aligned(v, v_row))
        values_of_group(w, w_row, keys, v, v_row, o, o_row, vectors, more);
    else
        values_as(HEED_F32, w, w_row, keys, v, v_row, ahead, o, o_row, vectors, more, rows);
}

/* The same for values of any other type and up to DIRECT_ROWS rows. */
static void values_direct(heed_dtype type, const float *w, ptrdiff_t w_row, size_t keys,
                          const void *v, ptrdiff_t v_row, struct ahead ahead, float *o,
                          ptrdiff_t o_row, size_t vectors, bool more, size_t rows)
{
#define CALL(T) values_as(T, w, w_row, keys, v, v_row, ahead, o, o_row, vectors, more, rows)
    FOR_SHORT_TYPE(type, CALL)
#undef CALL
}

#endif
