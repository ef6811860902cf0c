/* SPDX-License-Identifier: MIT */
/*
 * unit.h - does the matrix unit do what we expect of it?
 *
 * Asked once, before its first use: then the operating system may refuse, and a unit
 * that errs, in an emulator say, is found out.  Without it the ordinary kernels run.
 */
#ifndef HEED_KERNELS_UNIT_H
#define HEED_KERNELS_UNIT_H

#include <stdatomic.h>

#include "kernels/convert.h"
#include "memory.h"
#include "scratch.h"

enum { TRIAL_DEPTH = HEED_UNIT_DEPTH, TRIAL_COLUMNS = 32 };

struct trial {
    uint16_t a[VM_ROWS * TRIAL_DEPTH], b[TRIAL_COLUMNS * TRIAL_DEPTH];
    float c[VM_ROWS][TRIAL_COLUMNS];
};

/* Small integers, of which every product and sum is exact, and no two rows are alike. */
static inline float trial_number(size_t i, size_t j)
{
    return (float)((i * 7 + j * 3 + i * j) % 17) - 8.0f;
}

static void pack_trial(struct trial *t)
{
    uint16_t x[TRIAL_DEPTH];

    for (size_t j = 0; j < TRIAL_COLUMNS; j++) {
        for (size_t d = 0; d < TRIAL_DEPTH; d++)
            x[d] = bf16_from_f32(trial_number(j, d));
        vm_key_column(t->b, TRIAL_DEPTH, j, x, 0, TRIAL_DEPTH);
    }
    for (size_t r = 0; r < VM_ROWS; r++) {
        for (size_t d = 0; d < TRIAL_DEPTH; d++)
            x[d] = bf16_from_f32(trial_number(d, r));
        vm_pack_row(t->a, TRIAL_DEPTH, r, x, TRIAL_DEPTH);
    }
}

/* A B, and A B added to it; beyond `rows` nothing. */
static bool trial_holds(struct trial *t, size_t rows)
{
    memset(t->c, 0, sizeof t->c);
    for (int more = 0; more < 2; more++)
        vm_multiply(&(struct vm_product){.a = t->a,
                                         .b = t->b,
                                         .depth = TRIAL_DEPTH,
                                         .to = TRIAL_DEPTH,
                                         .c = t->c[0],
                                         .c_row = TRIAL_COLUMNS,
                                         .more = more},
                    rows, TRIAL_COLUMNS);
    for (size_t r = 0; r < VM_ROWS; r++)
        for (size_t j = 0; j < TRIAL_COLUMNS; j++) {
            float want = 0.0f;

            for (size_t d = 0; d < TRIAL_DEPTH && r < rows; d++)
                want += 2.0f * trial_number(d, r) * trial_number(j, d);
            if (t->c[r][j] != want)
                return false;
        }
    return true;
}

static bool unit_passes(struct trial *t)
{
    bool good;

    if (!vm_allowed())
        return false;
    pack_trial(t);
    vm_begin();
    good = trial_holds(t, VM_ROWS) && trial_holds(t, VM_ROWS - 1);
    vm_end();
    return good;
}

/* The trial stands in memory of the caller, since 8 KiB are too much for a stack that is deep. */
static bool unit_works_by(struct trial *t)
{
    enum { UNKNOWN, WORKS, FAILS };
    static _Atomic int known;
    int state = atomic_load_explicit(&known, memory_order_relaxed);

    /* Threads may race here; they all find the same. */
    if (state == UNKNOWN) {
        state = unit_passes(t) ? WORKS : FAILS;
        atomic_store_explicit(&known, state, memory_order_relaxed);
    }
    return state == WORKS;
}

/* Without memory for a trial nothing is known. */
static bool unit_works(void)
{
    struct trial *t = heed_alloc(sizeof *t);
    const bool works = t && unit_works_by(t);

    free(t);
    return works;
}

#endif
