/* SPDX-License-Identifier: MIT */
/*
 * simd/matrix.h - the words of units that multiply matrices of bf16, and what they mean.
 *
 * A unit computes C = A B, or adds it to C: A has rows of queries, or of weights; the
 * columns of B are keys, or the dims of values; A's columns and B's rows are the depth.
 * C is f32, row by row; A and B are bf16 in an order that suits the unit.  The depth of
 * an operand is padded with zeros to a whole number of steps, its columns to 16 of them.
 * An instruction set with such a unit defines, before it includes this file:
 *
 *   VM_WORTH          products of it that take less time than one by FMAs: of many rows, see
 * parts.h VM_DEPTH          numbers of depth in a step VM_ROWS           rows that vm_multiply()
 * takes at most, a multiple of those of a tile VM_RUN            numbers of depth of a column that
 * stand side by side in B vm_a_at()         where in A a number stands: those of a step of a row
 * stand side by side vm_b_at()         where in B a number stands vm_value_run()    VM_VALUES
 * columns of VM_RUN rows of values, from memory to B vm_allowed()      may the unit be used?  Asks
 * the operating system, if it has to be asked vm_begin(), vm_end()   around the products of a task
 *   vm_multiply()     the product
 *
 * and, if it has better ones than below, VM_STEP, HEED_HAVE_KEY_COLUMNS with vm_key_columns(),
 * HEED_HAVE_LANES_OF_ROW with vm_lanes_of_row(), HEED_HAVE_WIDE_RUN with vm_wide_run(),
 * HEED_HAVE_PAIRS_OF_PARTS with vm_multiply_pairs(); HEED_HAVE_WEIGH with vm_weigh(), where it
 * turns scores into weights itself (matrix_weigh.h), and HEED_HAVE_FEW, where it has a way of its
 * own for few rows (matrix_few.h).
 *
 * An element of C is one chain over the depth, step by step and in an order within the step
 * that belongs to the unit, begun with C, or added to it: it does not depend on the other
 * rows and columns, nor on how many there are.  Steps in which A is zero leave a C alone that is
 * zero or no denormal.  All units take denormal numbers for zeros and flush denormal sums.
 */
#ifndef HEED_SIMD_MATRIX_H
#define HEED_SIMD_MATRIX_H

#define HEED_HAVE_MATRIX

/* What bounds of a product's depth are multiples of, where that is less than VM_DEPTH. */
#ifndef VM_STEP
#define VM_STEP VM_DEPTH
#endif

#ifndef HEED_HAVE_PAIRS_OF_PARTS
/* The sum of several products of the same shape. */
static inline void vm_multiply_pairs(const struct vm_product *p, const struct vm_pairs *pairs,
                                     size_t rows, size_t columns)
{
    struct vm_product one = *p;

    for (size_t i = 0; i < pairs->count; i++, one.more = true) {
        one.a = p->a + pairs->at[i].a;
        one.b = p->b + pairs->at[i].b;
        vm_multiply(&one, rows, columns);
    }
}
#endif

/* A row of n numbers into row `row` of A, and zeros up to its depth. */
static inline void vm_pack_row(uint16_t *a, size_t depth, size_t row, const uint16_t *x, size_t n)
{
    for (size_t d = 0; d < depth; d += VM_DEPTH) {
        uint16_t *to = a + vm_a_at(row, d, depth);
        const size_t here = n > d ? n - d : 0;

        if (here >= VM_DEPTH)
            memcpy(to, x + d, VM_DEPTH * sizeof *to);
        else
            for (size_t i = 0; i < VM_DEPTH; i++)
                to[i] = i < here ? x[d + i] : 0;
    }
}

#ifndef HEED_HAVE_LANES_OF_ROW
/* A vector of numbers that bf16 has into a row of A, at a multiple of VF_LANES. */
static inline void vm_lanes_of_row(uint16_t *a, size_t depth, size_t row, size_t d, vf x)
{
    vf_store_bf16(a + vm_a_at(row, d, depth), x);
}
#endif

/* One key of n numbers, or NULL for zeros, into a column of B. */
static inline void vm_key_column(uint16_t *b, size_t depth, size_t column, const uint16_t *x,
                                 size_t from, size_t n)
{
    size_t d = from;

    for (; x && d + VM_RUN <= n; d += VM_RUN)
        memcpy(b + vm_b_at(column, d, depth), x + d, VM_RUN * sizeof *b);
    for (; d < depth; d++)
        b[vm_b_at(column, d, depth)] = x && d < n ? x[d] : 0;
}

#ifndef HEED_HAVE_KEY_COLUMNS
/* Keys x[0 .. 16) into 16 columns, as far as that is fast: returns the first depth left over. */
static inline size_t vm_key_columns(uint16_t *b, size_t depth, size_t column,
                                    const uint16_t *const *x, size_t n)
{
    (void)b, (void)depth, (void)column, (void)x, (void)n;
    return 0;
}
#endif

/* Whether none of 16 keys is NULL. */
static inline bool vm_have_keys(const uint16_t *const *x)
{
    bool all = true;

    for (size_t i = 0; i < 16; i++)
        all = all && x[i];
    return all;
}

/* Keys of n numbers each, or NULL for zeros, into the columns [0, count) of B, a multiple of 16. */
static inline void vm_pack_keys(uint16_t *b, size_t depth, const uint16_t *const *x, size_t count,
                                size_t n)
{
    for (size_t c = 0; c < count; c += 16) {
        const size_t done = vm_have_keys(x + c) ? vm_key_columns(b, depth, c, x + c, n) : 0;

        for (size_t j = c; j < c + 16; j++)
            vm_key_column(b, depth, j, x[j], done, n);
    }
}

/* The last columns, and rows of which some are missing, number by number. */
static inline void vm_value_columns(uint16_t *b, size_t depth, size_t d, const uint16_t *const *x,
                                    size_t from, size_t n, size_t columns)
{
    for (size_t c = from; c < columns; c++)
        for (size_t i = 0; i < VM_RUN; i++)
            b[vm_b_at(c, d + i, depth)] = x[i] && c < n ? x[i][c] : 0;
}

#ifndef HEED_HAVE_WIDE_RUN
#define VM_WIDE VM_VALUES
static inline void vm_wide_run(uint16_t *b, size_t depth, size_t d, const uint16_t *const *x,
                               size_t column)
{
    vm_value_run(b, depth, d, x, column);
}
#endif

/* As many of n columns of VM_RUN rows as fill runs: returns the first one left over. */
static inline size_t vm_value_runs(uint16_t *b, size_t depth, size_t d, const uint16_t *const *x,
                                   size_t n)
{
    size_t c = 0;

    for (; c + VM_WIDE <= n; c += VM_WIDE)
        vm_wide_run(b, depth, d, x, c);
    for (; c + VM_VALUES <= n; c += VM_VALUES)
        vm_value_run(b, depth, d, x, c);
    return c;
}

/*
 * Values x[from .. to) of n numbers each, or NULL for zeros, into those rows of B, whose
 * columns are a multiple of 16.  from and to are multiples of VM_DEPTH.
 */
static inline void vm_pack_values(uint16_t *b, size_t depth, const uint16_t *const *x, size_t from,
                                  size_t to, size_t n, size_t columns)
{
    for (size_t d = from; d < to; d += VM_RUN) {
        size_t c = 0;
        bool all = true;

        for (size_t i = 0; i < VM_RUN; i++)
            all = all && x[d + i];
        if (all)
            c = vm_value_runs(b, depth, d, x + d, n);
        vm_value_columns(b, depth, d, x + d, c, n, columns);
    }
}

#endif
