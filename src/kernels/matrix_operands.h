/* SPDX-License-Identifier: MIT */
/* matrix_operands.h - queries, keys, weights and values on their way into a matrix unit. */
#ifndef HEED_KERNELS_MATRIX_OPERANDS_H
#define HEED_KERNELS_MATRIX_OPERANDS_H

#include "kernels/operands.h"

static inline size_t unit_depth(const struct attend *a)
{
    return heed_pad(a->task->qk_dim, VM_DEPTH);
}

/* The queries of a head as an operand, from a row on that begins a tile. */
static inline uint16_t *unit_queries(const struct attend *a, size_t head, size_t row)
{
    const size_t first = head * heed_pad(a->task->rows, HEED_UNIT_ROWS);

    return a->s.unit.q + (first + row) * unit_depth(a);
}

/* What fills up the last tile comes after the last row. */
static void pack_query(struct attend *a, size_t head, size_t row, ptrdiff_t offset)
{
    const struct heed_attend_task *t = a->task;
    const size_t end = row + 1 < t->rows ? row + 1 : heed_pad(t->rows, HEED_UNIT_ROWS);

    vm_pack_row(unit_queries(a, head, 0), unit_depth(a), row, heed_after(t->q, offset, HEED_BF16),
                t->qk_dim);
    for (size_t r = row + 1; r < end; r++)
        vm_pack_row(unit_queries(a, head, 0), unit_depth(a), r, NULL, 0);
}

/* The rows of a block in memory, and NULL for those that there are not, or that are not read. */
struct block_rows {
    const uint16_t *row[HEED_BLOCK];
};

static struct block_rows rows_of_block(const struct attend *a, size_t head, const struct block *b,
                                       const void *x, ptrdiff_t x_row, ptrdiff_t x_page)
{
    const uint64_t read = read_of_head(a, head, b);
    struct block_rows rows = {{NULL}};

    for (size_t j = 0; j < b->keys; j++)
        if (read >> j & 1)
            rows.row[j] =
                heed_after(x, row_offset(a->task, b->first_key + j, x_row, x_page), HEED_BF16);
    return rows;
}

/*
 * Keys that are kept stand as columns already, which the unit wants interleaved: as it
 * wants values, whose rows are the depth as well.  x: a panel of bf16, from its first key.
 */
static void pack_panel_of_unit(uint16_t *b, size_t depth, const uint16_t *x, size_t dim,
                               size_t column, size_t columns)
{
    uint16_t *const to = b + vm_b_at(column, 0, depth);

    for (size_t d = 0; d < depth; d += VM_RUN) {
        const uint16_t *row[VM_RUN];
        const bool all = d + VM_RUN <= dim;

        for (size_t i = 0; i < VM_RUN; i++)
            row[i] = d + i < dim ? x + (d + i) * TILE_COLS : NULL;
        const size_t done = all ? vm_value_runs(to, depth, d, row, columns) : 0;

        vm_value_columns(to, depth, d, row, done, columns, columns);
    }
}

/*
 * Columns past the last key, up to a multiple of 16, are what the panel has there; all of a panel
 * that is not read are 0.
 */
static void pack_kept_keys(struct attend *a, size_t head, const struct block *b)
{
    const struct heed_attend_task *t = a->task;
    const uint16_t *panels = (const uint16_t *)t->panels + (ptrdiff_t)head * t->panels_kv;
    const uint64_t read = read_of_head(a, head, b);

    for (size_t j = 0; j < b->keys; j += TILE_COLS) {
        const size_t left = heed_pad(b->keys - j, 16);

        pack_panel_of_unit(a->s.unit.k, unit_depth(a), panels + (b->first_key + j) * t->qk_dim,
                           any_bits(read, j, TILE_COLS) ? t->qk_dim : 0, j,
                           left < TILE_COLS ? left : TILE_COLS);
    }
}

static void pack_keys(struct attend *a, size_t head, const struct block *b)
{
    const struct heed_attend_task *t = a->task;
    if (t->panels) {
        pack_kept_keys(a, head, b);
        return;
    }
    const void *k = heed_after(t->k, (ptrdiff_t)head * t->k_kv, HEED_BF16);
    const struct block_rows keys = rows_of_block(a, head, b, k, t->k_row, t->k_page);

    vm_pack_keys(a->s.unit.k, unit_depth(a), keys.row, heed_pad(b->keys, 16), t->qk_dim);
}

static struct block_rows values_of_block(const struct attend *a, size_t head, const struct block *b)
{
    const struct heed_attend_task *t = a->task;
    const void *v = heed_after(t->v, (ptrdiff_t)head * t->v_kv, HEED_BF16);

    return rows_of_block(a, head, b, v, t->v_row, t->v_page);
}

/* The values of the keys that some row of the block sees; rounded to whole steps. */
static void pack_values(struct attend *a, const struct block_rows *values, struct span steps)
{
    vm_pack_values(a->s.unit.values, HEED_BLOCK, values->row, steps.from, steps.to, a->task->v_dim,
                   a->s.v_pad);
}

static inline struct span whole_steps(struct group_view seen)
{
    return (struct span){seen.from / VM_DEPTH * VM_DEPTH, heed_pad(seen.to, VM_DEPTH)};
}

/* Those of them that are multiplied, where the rest would add nothing but zeros. */
static inline struct span unit_steps(struct group_view seen)
{
    return (struct span){seen.from / VM_STEP * VM_STEP, heed_pad(seen.to, VM_STEP)};
}

/* Weights of a row, which are rounded already, as row `to` of an operand. */
static void pack_weights(struct attend *a, float *w, struct group_view seen, size_t to)
{
    const struct span steps = whole_steps(seen);
    const size_t end = heed_pad(steps.to, VF_LANES);

    fill(w + steps.from, seen.from - steps.from, 0.0f);
    fill(w + seen.to, steps.to - seen.to, 0.0f);
    for (size_t j = steps.from / VF_LANES * VF_LANES; j < end; j += VF_LANES)
        vm_lanes_of_row(a->s.unit.weights, HEED_BLOCK, to, j, vf_load(w + j));
}

#endif
