/* SPDX-License-Identifier: MIT */
/*
 * ceilings/matrix_steps.h - part of unit.c: a matrix unit on vectors, whose word is vm_step().
 *
 * Included by matrix_<isa>.h, which defines before it
 *   struct operands   of vm_step(): a and b
 *   load_operands()   the numbers of a vector each, all the same
 *   STEP_FLOP         of one vm_step()
 * Chains as for FMAs: 24 hide five cycles of latency behind four instructions a cycle.
 */
#ifndef HEED_BENCH_CEILINGS_MATRIX_STEPS_H
#define HEED_BENCH_CEILINGS_MATRIX_STEPS_H

enum { CHAINS = 24, MATRIX_FLOP = CHAINS * STEP_FLOP };

INLINE void start_chains(vf acc[CHAINS])
{
    const float first = unknown;

    UNROLL for (int i = 0; i < CHAINS; i++) acc[i] = vf_set1(first + (float)i);
}

/* Returns by how much all numbers of C grew: of ones, each step adds half of its FLOP. */
static float matrix(size_t rounds)
{
    static volatile uint16_t one = 0x3f80;
    const struct operands on = load_operands(one);
    vf acc[CHAINS], begun[CHAINS], sum = vf_zero();

    start_chains(acc);
    for (size_t round = 0; round < rounds; round++)
        UNROLL for (int i = 0; i < CHAINS; i++) acc[i] = vm_step(acc[i], on.a, on.b);
    start_chains(begun);
    UNROLL for (int i = 0; i < CHAINS; i++) sum = vf_add(sum, vf_sub(acc[i], begun[i]));
    return vf_reduce_add(sum);
}

#endif
