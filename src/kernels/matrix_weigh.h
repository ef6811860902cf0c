/* SPDX-License-Identifier: MIT */
/* matrix_weigh.h - weights of bf16 from scores, on their way into a matrix unit. */
#ifndef HEED_KERNELS_MATRIX_WEIGH_H
#define HEED_KERNELS_MATRIX_WEIGH_H

#include "kernels/matrix_operands.h"
#include "kernels/sum.h"

/* A group of rows that are multiplied at a time, and the keys of a block that they see. */
struct unit_group {
    size_t head, row, rows;
    struct group_view seen;
    float *s; /* their scores, HEED_BLOCK apart */
};

#ifdef HEED_HAVE_WEIGH
/*
 * Scores of two groups, by turns: those of one are weighed while those of the next come.  They
 * stay in the first cache, as scores of all rows of a task would not.
 */
static inline float *scores_of_group(const struct attend *a, size_t head, size_t row)
{
    return a->task->rows <= 2 * VM_ROWS ? weights_of(a, head, row)
                                        : a->s.weights + row / VM_ROWS % 2 * VM_ROWS * HEED_BLOCK;
}

/*
 * weigh_vectors(), straight into a row of an operand; n scores, a multiple of VM_DEPTH.  `begin`:
 * nothing was summed before.
 */
INLINE void weigh_scores(struct attend *a, const float *s, uint16_t *w, size_t n, size_t head,
                         size_t row, bool begin, const bool checked)
{
    const struct octaves *oct = &a->octaves;
    const size_t at = head * a->task->rows + row;
    float *const max = &a->s.max[at], *const sum = a->s.sum + at * HEED_LANES;
    vf top = vf_load(s);
    size_t j = 0;

    for (size_t i = VF_LANES; i < n; i += VF_LANES)
        top = vf_max(top, vf_load(s + i));
    if (vf_any_gt(top, vf_set1(*max + oct->lazy)))
        raise_row(vf_reduce_max(top), oct, max, sum, sums_of(a, head, row), a->s.v_pad, begin,
                  true);

    const vf base = vf_set1(*max), factor = vf_set1(oct->factor), tiny = vf_set1(oct->tiny);
    vf total = vf_load(sum);

    for (; j + VM_WEIGH_VECS * VF_LANES <= n; j += VM_WEIGH_VECS * VF_LANES)
        total = vm_weigh(s + j, w + j, base, factor, tiny, total, checked, VM_WEIGH_VECS);
    for (; j < n; j += 2 * VF_LANES)
        total = vm_weigh(s + j, w + j, base, factor, tiny, total, checked, 2);
    vf_store(sum, total);
}

static void weigh_checked(struct attend *a, const float *s, uint16_t *w, size_t n, size_t head,
                          size_t row, bool begin)
{
    weigh_scores(a, s, w, n, head, row, begin, true);
}

static void weigh_unchecked(struct attend *a, const float *s, uint16_t *w, size_t n, size_t head,
                            size_t row, bool begin)
{
    weigh_scores(a, s, w, n, head, row, begin, false);
}

/* NaN of any payload come from rules alone, and only of tiny scales no weight is too small. */
static inline bool weighs_unchecked(const struct attend *a)
{
    return !a->moved && a->octaves.tiny > -FLT_MAX;
}

/* The weights of a row that sees a part of the block, and zeros for the rest of its group's. */
static void weigh_part(struct attend *a, const struct unit_group *g, const struct block *b,
                       size_t r, float *s, uint16_t *w, bool begin)
{
    const uint64_t keys = keys_seen_by(a, g->head, g->row + r, b);
    const struct span steps = whole_steps(g->seen);
    const size_t from = keys ? heed_first_bit(keys) / VM_DEPTH * VM_DEPTH : steps.to;
    const size_t end = keys ? heed_pad(heed_end_bit(keys), VM_DEPTH) : steps.to;

    memset(w + steps.from, 0, (from - steps.from) * sizeof *w);
    memset(w + end, 0, (steps.to - end) * sizeof *w);
    if (!keys)
        return;
    if (a->moved)
        move_rows(a, b, g->head, g->row + r, 1, &g->seen, s);
    hide_from_rows(a, b, g->head, g->row + r, 1, (struct span){from, end}, s);
    if (weighs_unchecked(a))
        weigh_unchecked(a, s + from, w + from, end - from, g->head, g->row + r, begin);
    else
        weigh_checked(a, s + from, w + from, end - from, g->head, g->row + r, begin);
}

/* Scores of a group become weights in the first rows of an operand. */
static void weigh_into_unit(struct attend *a, const struct block *b, const struct unit_group *g)
{
    const bool whole = g->seen.all_to - g->seen.all_from == HEED_BLOCK && weighs_unchecked(a);
    const bool begin = begins(a, g->head, g->row, WEIGHED);

    for (size_t r = 0; r < g->rows; r++) {
        float *const s = g->s + r * HEED_BLOCK;
        uint16_t *const w = a->s.unit.weights + vm_a_at(r, 0, HEED_BLOCK);

        if (whole)
            weigh_scores(a, s, w, HEED_BLOCK, g->head, g->row + r, begin, false);
        else
            weigh_part(a, g, b, r, s, w, begin);
    }
}

/* Weights as numbers of f32 in the place of their scores, where one has to look at them. */
static void weights_to_f32(struct attend *a, const struct unit_group *g)
{
    for (size_t r = 0; r < g->rows; r++)
        for (size_t j = 0; j < HEED_BLOCK; j += VF_LANES)
            vf_store(g->s + r * HEED_BLOCK + j,
                     vf_load_bf16(a->s.unit.weights + vm_a_at(r, j, HEED_BLOCK)));
}
#else
static inline float *scores_of_group(const struct attend *a, size_t head, size_t row)
{
    return weights_of(a, head, row);
}

static void weigh_into_unit(struct attend *a, const struct block *b, const struct unit_group *g)
{
    weigh_group_as(a, b, g->head, g->row, g->rows, FOR_BF16);
    for (size_t r = 0; r < g->rows; r++)
        pack_weights(a, g->s + r * HEED_BLOCK, g->seen, r);
}

static void weights_to_f32(struct attend *a, const struct unit_group *g)
{
    (void)a;
    (void)g; /* they are */
}
#endif

#endif
