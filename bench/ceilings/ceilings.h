/* SPDX-License-Identifier: MIT */
/* ceilings.h - how fast the arithmetic and the memory of this CPU are right now. */
#ifndef HEED_BENCH_CEILINGS_H
#define HEED_BENCH_CEILINGS_H

#include <heed/heed.h>

#include "unit.h"

/* One of the loops of a unit, on each thread of `parallel` at once. */
struct ceiling {
    void (*share)(void *ceiling, size_t i); /* what thread i does */
    double work;                            /* FLOP, bytes or numbers of one ceiling_run() */
    heed_parallel parallel;
    size_t repeats;
    const struct ceiling_unit *unit;
    float *to;
    const void *from;
    heed_dtype type; /* of what is read */
    size_t count;    /* numbers of one thread */
};

struct ceiling ceiling_fma(const struct ceiling_unit *unit, heed_parallel parallel);
/* With operands of that type, from L1. */
struct ceiling ceiling_fma_loads(const struct ceiling_unit *unit, heed_parallel parallel,
                                 heed_dtype type);
/* Where heed_isa_bf16() says that the unit works: it is that which asks for it. */
struct ceiling ceiling_matrix(const struct ceiling_unit *unit, heed_parallel parallel);
/* Exponentials of numbers in L1, each thread of its own; the work is numbers. */
struct ceiling ceiling_exp(const struct ceiling_unit *unit, heed_parallel parallel);
/*
 * Numbers of that type, widened as they are read; the work is bytes.  They are shared out
 * among the threads; what does not divide evenly is left out.
 */
struct ceiling ceiling_read(const struct ceiling_unit *unit, heed_parallel parallel,
                            heed_dtype type, const void *from, size_t count);
/* Counts each byte twice, as read and as written. */
struct ceiling ceiling_copy(const struct ceiling_unit *unit, heed_parallel parallel, float *to,
                            const float *from, size_t count);

size_t ceiling_threads(heed_parallel parallel);

/* Takes a struct ceiling; a void pointer so that it can be handed to gbench_time(). */
void ceiling_run(void *ceiling);
/* Repeats the loop so often that a run of one thread takes about as long. */
void ceiling_lengthen(struct ceiling *ceiling, double seconds);
/* FLOP or bytes per second over a short while. */
double ceiling_rate(struct ceiling ceiling);

#endif
