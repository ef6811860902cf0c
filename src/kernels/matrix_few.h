/* SPDX-License-Identifier: MIT */
/*
 * matrix_few.h - attention of few rows by a matrix unit that takes keys and values where they
 * stand, without operands of them in memory.  The chains are those of many rows, and the bits.
 */
#ifndef HEED_KERNELS_MATRIX_FEW_H
#define HEED_KERNELS_MATRIX_FEW_H

#include "kernels/matrix_products.h"

/* A block of keys and values in memory, and what few rows do with it. */
struct unit_block {
    const uint16_t *k, *v; /* of its first key; k in a panel, where keys are kept */
    bool few_k, few_v;     /* multiplied where they stand; natural keys packed on the way */
};

static inline struct unit_block unit_block_of(const struct attend *a, size_t head,
                                              const struct block *b)
{
    const struct heed_attend_task *t = a->task;
    const ptrdiff_t k = (ptrdiff_t)head * t->k_kv, v = (ptrdiff_t)head * t->v_kv;
    const ptrdiff_t panels = (ptrdiff_t)head * t->panels_kv;
    const bool together = rows_together(t, b->first_key, b->keys) == b->keys;
    struct unit_block at = {.k = NULL};

    if (together) /* else nothing is fetched or multiplied where it stands */
        at.v = heed_after(t->v, v + row_offset(t, b->first_key, t->v_row, t->v_page), HEED_BF16);
    if (t->panels)
        at.k = heed_after(t->panels, panels + (ptrdiff_t)(b->first_key * t->qk_dim), HEED_BF16);
    else if (together)
        at.k = heed_after(t->k, k + row_offset(t, b->first_key, t->k_row, t->k_page), HEED_BF16);
#ifdef HEED_HAVE_FEW
    const bool whole = together && all_bits(read_of_head(a, head, b), 0, HEED_BLOCK);

    at.few_k = t->rows <= 2 * VM_FEW && t->qk_dim % VM_DEPTH == 0 &&
               (t->panels ? b->keys == HEED_BLOCK : whole);
    at.few_v = t->rows <= 2 * VM_FEW && t->v_dim % 32 == 0 && whole;
#endif
    return at;
}

#ifdef HEED_HAVE_FEW
/*
 * Whether the next block of keys, or values, is one piece of memory: the rows of a head, or those
 * of all heads side by side, of which each head fetches a share.
 */
static inline bool in_one_piece(const struct heed_attend_task *t, ptrdiff_t row, ptrdiff_t kv,
                                size_t dim)
{
    const ptrdiff_t n = (ptrdiff_t)dim;

    return row == n || (kv == n && row == n * (ptrdiff_t)t->kv_heads);
}

static inline const char *next_block(const void *x, size_t head, const struct block *b,
                                     ptrdiff_t row, ptrdiff_t kv, size_t dim)
{
    const ptrdiff_t at = (ptrdiff_t)(b->first_key + HEED_BLOCK) * row, n = (ptrdiff_t)dim;

    return heed_after(x, at + (ptrdiff_t)head * (row == n ? kv : HEED_BLOCK * n), HEED_BF16);
}

/*
 * Rows of keys or values, and what is fetched of the next block meanwhile, once: half of its keys
 * and of its values by turns, since memory is read faster from two places at a time.
 */
static inline struct vm_rows few_rows(const struct attend *a, const struct unit_block *at,
                                      size_t head, const struct block *b, bool values, bool once)
{
    const struct heed_attend_task *t = a->task;
    const ptrdiff_t k_row = t->panels ? (ptrdiff_t)t->qk_dim : t->k_row;
    const ptrdiff_t k_kv = t->panels ? t->panels_kv : t->k_kv;
    struct vm_rows rows = {.at = values ? at->v : at->k, .row = values ? t->v_row : t->k_row};

    if (t->panels && !values)
        rows.row = TILE_COLS;
    rows.next[0] = rows.next[1] = (const char *)rows.at;
    if (!once || t->pages || t->qk_dim != t->v_dim || !in_one_piece(t, k_row, k_kv, t->qk_dim) ||
        !in_one_piece(t, t->v_row, t->v_kv, t->v_dim))
        return rows;
    rows.next[0] = next_block(t->panels ? t->panels : t->k, head, b, k_row, k_kv, t->qk_dim);
    rows.next[1] = next_block(t->v, head, b, t->v_row, t->v_kv, t->v_dim);
    for (size_t i = 0; values && i < 2; i++)
        rows.next[i] += HEED_BLOCK * t->v_dim;
    rows.fetches = 64;
    return rows;
}

static void pack_few_keys(struct attend *a, const struct block *b, const struct unit_block *at,
                          size_t head)
{
    if (!a->task->panels)
        vm_pack_fetching(a->s.unit.k, few_rows(a, at, head, b, false, true), a->task->qk_dim);
}

static void score_few(struct attend *a, const struct block *b, const struct unit_block *at,
                      const struct unit_group *g)
{
    const struct heed_attend_task *t = a->task;
    const struct vm_rows keys = few_rows(a, at, g->head, b, false, !g->row);
    /* What vm_pack_fetching() left over. */
    const ptrdiff_t half = keys.fetches / 64 * HEED_BLOCK / 2 * (ptrdiff_t)t->qk_dim;

    if (t->panels)
        vm_scores_of_kept(unit_queries(a, g->head, g->row), unit_depth(a), keys, t->qk_dim, g->s,
                          HEED_BLOCK, g->rows);
    else
        score_bf16(a, g,
                   (struct vm_ahead){{keys.next[0] + half, keys.next[1] + half}, keys.fetches});
}

static void sum_few(struct attend *a, const struct block *b, const struct unit_block *at,
                    const struct unit_group *g, bool more)
{
    const struct heed_attend_task *t = a->task;
    const struct span steps = unit_steps(g->seen);

    vm_sums_of_values(a->s.unit.weights, few_rows(a, at, g->head, b, true, !g->row), steps.from,
                      steps.to, sums_of(a, g->head, g->row), (ptrdiff_t)a->s.v_pad, t->v_dim, more,
                      g->rows);
}
#else
static void pack_few_keys(struct attend *a, const struct block *b, const struct unit_block *at,
                          size_t head)
{
    (void)a, (void)b, (void)at, (void)head;
}

static void score_few(struct attend *a, const struct block *b, const struct unit_block *at,
                      const struct unit_group *g)
{
    (void)a, (void)b, (void)at, (void)g;
}

static void sum_few(struct attend *a, const struct block *b, const struct unit_block *at,
                    const struct unit_group *g, bool more)
{
    (void)a, (void)b, (void)at, (void)g, (void)more;
}
#endif

#endif
