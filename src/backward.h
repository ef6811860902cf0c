/* SPDX-License-Identifier: MIT */
/*
 * backward.h - a checked call of the backward pass, between its check and its tasks.
 *
 * Two kinds of tasks in one list, each with its outputs to itself: blocks of keys of a
 * KV head for d_k and d_v, blocks of rows of a query head for d_q.  Both recompute the
 * scores that they need, so nothing is handed over between them, nothing is added up by
 * two threads, and memory does not grow with the rows.
 */
#ifndef HEED_BACKWARD_H
#define HEED_BACKWARD_H

#include "args.h"

enum {
    HEED_GRAD_Q,
    HEED_GRAD_K,
    HEED_GRAD_V,
    HEED_GRAD_O,
    HEED_GRAD_D_O,
    HEED_GRAD_LSE,
    HEED_GRAD_D_Q,
    HEED_GRAD_D_K,
    HEED_GRAD_D_V,
    HEED_GRAD_OPERANDS
};

/*
 * Rows kept by a task, whatever the number of workers: a multiple of every instruction
 * set's tile rows.  What streams past is transposed for each task: each number once, for
 * 144 to 192 FMAs where the dims are equal.
 */
enum { HEED_BACKWARD_ROWS = 96 };

struct heed_backward_job {
    heed_attention_backward_args args;
    struct heed_operand operand[HEED_GRAD_OPERANDS];
    const struct heed_isa *isa;
    struct heed_band keys, rows; /* that a query row sees; by which a key is seen */
    float scale;
    size_t group, key_blocks, row_blocks;
    size_t key_tasks, tasks; /* those of keys come first */
    size_t scratch;          /* bytes per worker */
    size_t workspace;        /* bytes in all, with room for alignment; SIZE_MAX: too many */
    char *memory;            /* [worker], on cache lines */
};

/* Whether there is anything to write: an operand left out, or empty, has no addresses. */
static inline bool heed_wanted(const struct heed_operand *output)
{
    return output->begin != output->end;
}

static inline size_t heed_at_most(size_t rows, size_t most)
{
    return rows < most ? rows : most;
}

/* Runs the tasks with a workspace of job->workspace bytes. */
void heed_backward_run(struct heed_backward_job *job, char *workspace);

#endif
