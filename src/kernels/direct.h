/* SPDX-License-Identifier: MIT */
/*
 * direct.h - scores of few rows against keys that become f32 in registers, not in
 * memory: natural ones, which are transposed there, and panels of 16 bits or 8.
 */
#ifndef HEED_KERNELS_DIRECT_H
#define HEED_KERNELS_DIRECT_H

#include "kernels/tile.h"

/* number[i] gets number i of VF_LANES rows, ACROSS(type) of them: a lane for each row. */
INLINE void load_across_as(heed_dtype type, const void *x, ptrdiff_t row, vf number[VF_LANES])
{
    if (type == HEED_F32) {
        vf_load_few_across(x, row, number);
        return;
    }
    UNROLL for (ptrdiff_t j = 0; j < VF_LANES; j++) number[j] =
        load_finite(type, heed_after(x, j * row, type));
    vf_transpose(number);
}

/*
 * s[r][key] = q[r] . k[key] for R rows and one vector of keys for each of C, which
 * are transposed in registers: for few rows that costs less than a panel in memory,
 * and the keys are read while the FMAs go on.  dim in whole vectors.
 */
INLINE void tile_direct(const float *const *q, size_t dim, heed_dtype type, const void *k,
                        ptrdiff_t k_row, float *s, ptrdiff_t s_row, struct ahead ahead, const int R,
                        const int C)
{
    const int dims = ACROSS(type);
    vf acc[DIRECT_ROWS][TILE_VECS];

    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < C; c++) acc[r][c] = vf_zero();
    /* A cache line of each key at a time: rows 4 KiB apart share the same 8 places of a cache. */
    for (size_t line = 0; line < dim; line += LINE) {
        const size_t end = dim - line < LINE ? dim : line + LINE;

        UNROLL for (int c = 0; c < C; c++) for (size_t d = line; d < end; d += (size_t)dims)
        {
            const void *at = heed_after(k, c * VF_LANES * k_row + (ptrdiff_t)d, type);
            vf key[VF_LANES];

            load_across_as(type, at, k_row, key);
            fetch_ahead(&ahead, DIRECT_LINES(type), way_of(type, (size_t)R));
            UNROLL for (int i = 0; i < dims; i++) UNROLL for (int r = 0; r < R; r++) acc[r][c] =
                vf_fma(vf_set1(q[r][d + (size_t)i]), key[i], acc[r][c]);
        }
    }
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < C; c++)
        vf_store(s + r * s_row + c * VF_LANES, acc[r][c]);
}

INLINE void direct_as(heed_dtype type, const float *const *q, size_t dim, const void *k,
                      ptrdiff_t k_row, float *s, ptrdiff_t s_row, struct ahead ahead, size_t rows)
{
    ahead =
        by_steps(ahead, VF_LANES * ACROSS(type) * (ptrdiff_t)heed_size(type), way_of(type, rows));
#define CALL(R) tile_direct(q, dim, type, k, k_row, s, s_row, ahead, R, DIRECT_COLS / VF_LANES)
    FOR_FEW_ROWS(rows, CALL)
#undef CALL
}

/* tile_direct for 1 to DIRECT_ROWS rows and DIRECT_COLS keys of any type. */
static void scores_direct(heed_dtype type, const float *const *q, size_t dim, const void *k,
                          ptrdiff_t k_row, float *s, ptrdiff_t s_row, const struct ahead *next,
                          size_t rows)
{
    const struct ahead ahead = ahead_of(next, k);

#define CALL(T) direct_as(T, q, dim, k, k_row, s, s_row, ahead, rows)
    if (type == HEED_F32)
        CALL(HEED_F32);
    else
        FOR_SHORT_TYPE(type, CALL)
#undef CALL
}

INLINE void kept_as(heed_dtype type, const float *const *q, size_t dim, const void *keys,
                    size_t cols, float *s, ptrdiff_t s_row, bool more, struct ahead ahead,
                    size_t rows)
{
    if (cols > TILE_COLS - VF_LANES) {
#define CALL(R)                                                                                    \
    tile_scores(q, dim, type, keys, s, s_row, more, ahead, LINES_OF(type, TILE_VECS), R, TILE_VECS)
        FOR_FEW_ROWS(rows, CALL)
#undef CALL
        return;
    }
    for (size_t j = 0; j < cols; j += VF_LANES, keys = heed_after(keys, VF_LANES, type)) {
#define CALL(R) tile_scores(q, dim, type, keys, s + j, s_row, more, ahead, LINES_OF(type, 1), R, 1)
        FOR_FEW_ROWS(rows, CALL)
#undef CALL
    }
}

/* scores_of_rows() for 1 to DIRECT_ROWS rows of weights and a panel of another type than f32. */
static void scores_of_kept(heed_dtype type, const float *const *q, size_t dim, const void *keys,
                           size_t cols, float *s, ptrdiff_t s_row, bool more,
                           const struct ahead *next, size_t rows)
{
    const struct ahead ahead = ahead_of(next, keys);

#define CALL(T) kept_as(T, q, dim, keys, cols, s, s_row, more, ahead, rows)
    FOR_SHORT_TYPE(type, CALL)
#undef CALL
}

#endif
